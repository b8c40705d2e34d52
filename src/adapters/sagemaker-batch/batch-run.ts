import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type ArtifactStore, PortError } from '../../activities/ports.js';
import { type Hosting, tagsOf } from '../sagemaker-endpoint/endpoint-plan.js';
import { batchKeys } from './batch-address.js';
import { type BatchHosting, filesOf, jobName, questionsDigest, transformJob } from './batch-plan.js';
import { Fates } from './fates.js';
import type { JobRecord, JobRecords } from './job-records.js';
import { type Fate, nextStep, type Step } from './next-step.js';
import type { TransformJobs } from './transform-jobs.js';

/** Instances may be there again in minutes. */
const capacityMilliseconds = 300_000;

export const currentSchema = z.object({ model: z.string(), digest: z.string() });

/** A question, and who waits for its answer. */
export interface Asked {
  line: string;
  answered: (text: string) => void;
  failed: (error: Error) => void;
}

export interface BatchRunSettings {
  jobs: TransformJobs;
  records: JobRecords;
  store: ArtifactStore;
  hosting: Pick<Hosting, 'instanceType' | 'kmsKey' | 'tags'>;
  queue: BatchHosting;
  uriOf: (key: string) => string;
  lookMilliseconds: number;
  now: () => Date;
}

/**
 * Questions that came together, until each of them is answered or refused. What was asked before, by whomever, is in the
 * store and at SageMaker alone, so that any worker goes on: answers that are there are taken, jobs under way are waited
 * for, and only what is left is asked.
 */
export class BatchRun {
  readonly #settings: BatchRunSettings;
  readonly #batch: string;
  readonly #model: string;
  /** By the digest of the question. */
  readonly #pending: Map<string, Asked[]>;
  readonly #fates: Fates;
  /** SageMaker's name of the model that answers. */
  #asks = '';
  #running: Promise<void> | null = null;
  /** Aborts once nobody wants the answers that are left. */
  readonly #unwanted = new AbortController();

  constructor({
    batch,
    model,
    asked,
    ...settings
  }: BatchRunSettings & { batch: string; model: string; asked: Map<string, Asked[]> }) {
    this.#settings = settings;
    this.#batch = batch;
    this.#model = model;
    this.#pending = asked;
    const { jobs, records } = settings;
    this.#fates = new Fates({ jobs, records, model, start: (record) => this.#start(record) });
  }

  /** Ends once nobody waits any more; what goes wrong is told to those who wait. */
  run(): Promise<void> {
    this.#running ??= this.#untilAnswered();
    return this.#running;
  }

  async #untilAnswered(): Promise<void> {
    try {
      this.#asks = await this.#current();
      while (this.#pending.size > 0) {
        const asked = await this.#look();
        if (this.#pending.size > 0 && !asked) await this.#rest();
      }
      // Also a job that was made while the last one left.
      if (this.#unwanted.signal.aborted) await this.#stopJobs();
    } catch (error) {
      for (const digest of [...this.#pending.keys()]) this.#end(digest, ({ failed }) => failed(error as Error));
    }
  }

  /** Somebody waits no more. `stop`: nobody wants the answer. Ends when jobs that nobody waits for have been stopped. */
  async leave({ digest, one, stop }: { digest: string; one: Asked; stop: boolean }): Promise<void> {
    const others = (this.#pending.get(digest) ?? []).filter((asked) => asked !== one);
    if (others.length > 0) this.#pending.set(digest, others);
    else this.#pending.delete(digest);
    if (this.#pending.size > 0 || !stop) return;
    this.#unwanted.abort();
    await this.#running;
  }

  async #rest(): Promise<void> {
    const { signal } = this.#unwanted;
    await wait(this.#settings.lookMilliseconds, undefined, { signal }).catch(() => undefined);
  }

  async #stopJobs(): Promise<void> {
    for (const job of this.#fates.running()) await this.#settings.jobs.stop(job);
  }

  /** True where something was asked anew, so that another look tells at once what came of it. */
  async #look(): Promise<boolean> {
    const { records } = this.#settings;
    const relevant = (await records.of(this.#batch)).filter(
      ({ model, files }) =>
        model === this.#asks && Object.values(files).some((digests) => digests.some((one) => this.#pending.has(one))),
    );
    const fates = new Map<string, Fate[]>([...this.#pending.keys()].map((digest) => [digest, []]));
    for (const record of relevant)
      for (const [digest, fate] of await this.#fates.of({ batch: this.#batch, record })) fates.get(digest)?.push(fate);
    const steps = [...fates].map(([digest, those]) => ({ digest, step: nextStep(those) }));
    for (const { digest, step } of steps) this.#settle(digest, step);
    let asked = false;
    for (const alone of [false, true]) {
      const digests = steps.flatMap(({ digest, step }) =>
        step.kind === 'ask' && step.alone === alone && this.#pending.has(digest) ? [digest] : [],
      );
      if (digests.length === 0) continue;
      await this.#ask({ digests, alone, round: relevant.length });
      asked = true;
    }
    return asked;
  }

  #settle(digest: string, step: Step): void {
    const what = `${this.#batch}: `;
    if (step.kind === 'answered') this.#end(digest, ({ answered }) => answered(step.text));
    else if (step.kind === 'refused' || step.kind === 'given up') {
      const type = step.kind === 'refused' ? 'InvalidInput' : 'NotReady';
      this.#end(digest, ({ failed }) => failed(new PortError(type, `${what}${step.reason}`)));
    } else if (step.kind === 'failed') {
      const later = step.untried ? capacityMilliseconds : null;
      this.#end(digest, ({ failed }) => failed(new PortError('Unavailable', `${what}${step.reason}`, later)));
    }
  }

  #end(digest: string, tell: (asked: Asked) => void): void {
    const asked = this.#pending.get(digest) ?? [];
    this.#pending.delete(digest);
    asked.forEach(tell);
  }

  /** The same questions in the same round make the same job, whoever asks. */
  async #ask({ digests, alone, round }: { digests: string[]; alone: boolean; round: number }): Promise<void> {
    const { records, queue, now } = this.#settings;
    // Whoever asks may leave meanwhile.
    const lines = new Map(digests.map((one) => [one, this.#pending.get(one)![0]!.line]));
    // The release may have been retired, or packed anew, while others waited.
    if ((await this.#current()) !== this.#asks)
      throw new PortError('Unavailable', `${this.#batch}: was packed anew meanwhile`);
    const files = filesOf({ digests, instances: queue.most, alone });
    const digest = questionsDigest({ model: this.#asks, files, round });
    const job = jobName({ batch: this.#batch, digest });
    const record = { job, model: this.#asks, digest, at: now().toISOString(), files };
    await records.add({ batch: this.#batch, record, lineOf: (one) => lines.get(one)! });
  }

  async #start({ job, model, digest, files }: JobRecord): Promise<void> {
    const { hosting, queue, uriOf, jobs } = this.#settings;
    const tags = tagsOf({ model: this.#model, hosting });
    await jobs.create(
      transformJob({ ...{ batch: this.#batch, job, model, files, digest, hosting, queue, uriOf, tags } }),
    );
  }

  async #current(): Promise<string> {
    const found = await this.#settings.store.get({ key: batchKeys.current(this.#batch) });
    if (found === null) throw new PortError('NotFound', `${this.#batch}: no model is packed for it; is it deployed?`);
    return currentSchema.parse(JSON.parse(Buffer.from(found.body).toString('utf8'))).model;
  }
}
