import { link, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PortError } from '../../activities/ports.js';
import { codeOf, ensureFolder, fileError, syncFolder, writeHidden } from '../directory-store/atomic-files.js';
import { processIdentitySchema } from './process-identity.js';

const claimSchema = z.object({ launcher: processIdentitySchema, at: z.iso.datetime() });
const exitSchema = z.object({ code: z.number().int().nullable(), signal: z.string().nullable(), at: z.iso.datetime() });

/** One launch of a job's process, as far as it got. */
export interface Attempt {
  number: number;
  /** The worker process that launches it. */
  claim: z.infer<typeof claimSchema>;
  /** The training process; null until the launcher has written it down. */
  process: z.infer<typeof processIdentitySchema> | null;
  /** The launcher has told the process to begin, and lived to write that down. */
  released: boolean;
  /** How it ended, where the launcher lived to see it. */
  exit: z.infer<typeof exitSchema> | null;
  /** Somebody asked for its end. */
  stopped: boolean;
}

/**
 * A job's files: `request.json`, `log`, `output/`, `checkpoints/`, and `attempts/<n>.*`, each written once and
 * atomically. An attempt's number is claimed by link(2), so of several workers one launches.
 */
export class JobFolder {
  readonly path: string;
  readonly output: string;
  readonly checkpoints: string;
  readonly log: string;
  readonly #attempts: string;

  constructor({ home, jobName }: { home: string; jobName: string }) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(jobName))
      throw new PortError(
        'InvalidInput',
        `training job name ${JSON.stringify(jobName)}: expected up to 200 letters, digits, ".", "_" or "-", first a letter or digit`,
      );
    this.path = join(trainingFolder(home), jobName);
    this.output = join(this.path, 'output');
    this.checkpoints = join(this.path, 'checkpoints');
    this.log = join(this.path, 'log');
    this.#attempts = join(this.path, 'attempts');
  }

  async create(): Promise<void> {
    for (const folder of [this.output, this.checkpoints, this.#attempts]) await ensureFolder(folder);
  }

  /** The newest attempt; null where there has been none. */
  async newest(): Promise<Attempt | null> {
    const names = await readdir(this.#attempts).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw fileError({ error, what: `reading ${this.#attempts}` });
    });
    const number = Math.max(0, ...names.flatMap((name) => (/^\d+\.claim$/.test(name) ? [parseInt(name, 10)] : [])));
    return number === 0 ? null : this.attempt(number);
  }

  async attempt(number: number): Promise<Attempt> {
    const part = (name: string): string => this.attemptPath({ number, part: name });
    const claim = await readJson({ path: part('claim'), schema: claimSchema });
    if (!claim) throw new PortError('NotFound', `${part('claim')}: is gone while it is read`);
    return {
      number,
      claim,
      process: await readJson({ path: part('process'), schema: processIdentitySchema }),
      exit: await readJson({ path: part('exit'), schema: exitSchema }),
      released: (await readJson({ path: part('released'), schema: z.object({}) })) !== null,
      stopped: (await readJson({ path: part('stopped'), schema: z.object({}) })) !== null,
    };
  }

  /** True when the number is ours. */
  claim({ number, claim }: { number: number; claim: Attempt['claim'] }): Promise<boolean> {
    return this.writeOnce({ path: this.attemptPath({ number, part: 'claim' }), value: claim });
  }

  attemptPath({ number, part }: { number: number; part: string }): string {
    return join(this.#attempts, `${number}.${part}`);
  }

  /** Writes a file that must not exist yet; false where it does. */
  async writeOnce({ path, value }: { path: string; value: unknown }): Promise<boolean> {
    const file = await this.#hidden(value);
    try {
      await link(file, path);
      await syncFolder(join(path, '..'));
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw fileError({ error, what: `writing ${path}` });
    } finally {
      await rm(file, { force: true });
    }
  }

  /** Writes a file over what stood there. */
  async write({ path, value }: { path: string; value: unknown }): Promise<void> {
    await rename(await this.#hidden(value), path);
    await syncFolder(join(path, '..'));
  }

  async #hidden(value: unknown): Promise<string> {
    try {
      const body = Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
      return (await writeHidden({ folder: join(this.path, '.tmp'), chunks: [body] })).path;
    } catch (error) {
      throw fileError({ error, what: `writing into ${this.path}` });
    }
  }
}

/** Where the jobs of an understudy home lie. */
export const trainingFolder = (home: string): string => join(home, 'training');

/** A JSON file; null where there is none. Rejects with type `InvalidInput` for one that is not as expected. */
export async function readJson<Schema extends z.ZodType>({
  path,
  schema,
}: {
  path: string;
  schema: Schema;
}): Promise<z.output<Schema> | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw fileError({ error, what: `reading ${path}` });
  });
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new PortError('InvalidInput', `${path}: ${error instanceof Error ? error.message : String(error)}`, null, {
      cause: error,
    });
  }
}
