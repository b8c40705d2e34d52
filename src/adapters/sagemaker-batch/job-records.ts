import { z } from 'zod';
import type { ArtifactStore } from '../../activities/ports.js';
import { batchKeys } from './batch-address.js';

const recordSchema = z.object({
  job: z.string(),
  /** SageMaker's name of the model that is asked. */
  model: z.string(),
  /** The digest that the job's tag holds. */
  digest: z.string(),
  at: z.string(),
  /** Digests of questions by the file that asks them, a line each. */
  files: z.record(z.string(), z.array(z.string())),
});
export type JobRecord = z.infer<typeof recordSchema>;

/** Which jobs have asked which questions of a batch, so that whoever comes after a crash waits for the same. */
export class JobRecords {
  readonly #store: ArtifactStore;
  /** A record never changes. */
  readonly #known = new Map<string, JobRecord>();

  constructor({ store }: { store: ArtifactStore }) {
    this.#store = store;
  }

  /** Of every job of a batch, oldest first. */
  async of(batch: string): Promise<JobRecord[]> {
    const records: JobRecord[] = [];
    for await (const { key } of this.#store.list({ prefix: batchKeys.jobs(batch) })) {
      const known = this.#known.get(key) ?? (await this.#read(key));
      if (known === null) continue;
      this.#known.set(key, known);
      records.push(known);
    }
    return records.sort((a, b) => (a.at < b.at ? -1 : 1));
  }

  /** Writes down what a job asks, before there is one. The questions themselves come first: a job asks what it finds. */
  async add({
    batch,
    record,
    lineOf,
  }: {
    batch: string;
    record: JobRecord;
    lineOf: (digest: string) => string;
  }): Promise<void> {
    const { job, files } = record;
    const folder = batchKeys.questions({ batch, job });
    for (const [file, digests] of Object.entries(files)) {
      const body = Buffer.from(digests.map((digest) => `${lineOf(digest)}\n`).join(''));
      await this.#store.put({ key: `${folder}${file}`, body });
    }
    await this.#store.putIfAbsent({ key: batchKeys.job({ batch, job }), body: Buffer.from(JSON.stringify(record)) });
  }

  /** The answers of a file, in the order of its questions; null where there is none, or not one for each. */
  async answersOf({
    batch,
    record: { job, files },
    file,
  }: {
    batch: string;
    record: JobRecord;
    file: string;
  }): Promise<string[] | null> {
    // The reference's example leaves out a folder of the input, so that only the name is relied on.
    for await (const { key } of this.#store.list({ prefix: `${batchKeys.out({ batch, job })}/` })) {
      if (!key.endsWith(`/${file}.out`)) continue;
      const lines = Buffer.from((await this.#store.get({ key }))?.body ?? [])
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== '');
      return lines.length === files[file]!.length ? lines : null;
    }
    return null;
  }

  async #read(key: string): Promise<JobRecord | null> {
    const found = await this.#store.get({ key });
    return found === null ? null : recordSchema.parse(JSON.parse(Buffer.from(found.body).toString('utf8')));
  }
}
