import type { DescribeTransformJobResponse } from '@aws-sdk/client-sagemaker';
import type { JobRecord, JobRecords } from './job-records.js';
import type { Fate } from './next-step.js';
import { isOver, lacksInstances, type TransformJobs } from './transform-jobs.js';

/** What became of the questions of jobs. One run of questions has one, which remembers what has ended. */
export class Fates {
  readonly #jobs: TransformJobs;
  readonly #records: JobRecords;
  /** Whose the jobs have to be. */
  readonly #model: string;
  /** Makes a job that is written down, and that SageMaker does not know. */
  readonly #start: (record: JobRecord) => Promise<void>;
  readonly #ended = new Map<string, ReadonlyMap<string, Fate>>();
  readonly #seenRunning = new Set<string>();
  readonly #owned = new Set<string>();

  constructor({
    jobs,
    records,
    model,
    start,
  }: {
    jobs: TransformJobs;
    records: JobRecords;
    model: string;
    start: (record: JobRecord) => Promise<void>;
  }) {
    this.#jobs = jobs;
    this.#records = records;
    this.#model = model;
    this.#start = start;
  }

  /** Jobs that were under way when somebody looked last. */
  running(): string[] {
    return [...this.#seenRunning].filter((job) => !this.#ended.has(job));
  }

  /** Of each question of a job, by its digest. */
  async of({ batch, record }: { batch: string; record: JobRecord }): Promise<ReadonlyMap<string, Fate>> {
    const before = this.#ended.get(record.job);
    if (before) return before;
    const found = await this.#jobs.find(record.job);
    if (found === null) {
      // Never made, or made a moment ago: SageMaker's answers settle within seconds, and a name is given away once.
      await this.#start(record);
    } else if (!this.#owned.has(record.job)) {
      await this.#jobs.checkOwner({ found, model: this.#model, digest: record.digest });
      this.#owned.add(record.job);
    }
    if (found === null || !isOver(found)) {
      this.#seenRunning.add(record.job);
      const waiting: Fate = { kind: 'waiting' };
      return new Map(Object.values(record.files).flatMap((digests) => digests.map((digest) => [digest, waiting])));
    }
    const fates = await this.#atEnd({ batch, record, found });
    this.#ended.set(record.job, fates);
    return fates;
  }

  async #atEnd({
    batch,
    record,
    found,
  }: {
    batch: string;
    record: JobRecord;
    found: DescribeTransformJobResponse;
  }): Promise<ReadonlyMap<string, Fate>> {
    const fates = new Map<string, Fate>();
    const without: string[] = [];
    for (const [file, digests] of Object.entries(record.files)) {
      const answers = await this.#records.answersOf({ batch, record, file });
      if (answers === null) without.push(file);
      else digests.forEach((digest, at) => fates.set(digest, { kind: 'answered', text: answers[at]! }));
    }
    if (without.length === 0) return fates;
    const status = found.TransformJobStatus;
    const untried = status === 'Stopped' || lacksInstances(found);
    const spoilt = untried ? null : await this.#jobs.spoilt(record.job);
    const of = `transform job ${record.job}: ${status}${found.FailureReason ? `, ${found.FailureReason}` : ''}`;
    for (const file of without) {
      const said = spoilt?.get(file);
      const fate: Fate = {
        ...{ kind: 'failed', untried, status: said?.status ?? null },
        alone: record.files[file]!.length === 1,
        reason: said === undefined ? `${of}, and no answers of ${file}` : `${of}: ${said.reason}`,
        fresh: this.#seenRunning.has(record.job),
      };
      for (const digest of record.files[file]!) fates.set(digest, fate);
    }
    return fates;
  }
}
