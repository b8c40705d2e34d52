import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type ArtifactStore, PortError } from '../../activities/ports.js';
import { storeKeys } from '../../contracts/store-keys.js';
import { cutWords } from '../../domain/cut-text.js';
import { readAdapterManifest } from '../adapter-manifest.js';
import type { DesiredRelease } from '../vllm-serving/desired-adapters.js';

export interface MergeSettings {
  store: ArtifactStore;
  /** Of the model environment. */
  python: string;
  /** `training/merge.py`. */
  script: string;
  /** Folder of each base model on this machine, by its id. */
  baseModels: Readonly<Record<string, string>>;
  /** The whole environment of the process. */
  environment: Readonly<Record<string, string>>;
}

interface Wanted {
  releaseId: string;
  /** Tells the weights of one release from others of the same id. */
  name: string;
  release: DesiredRelease;
}

/** Written last: where it stands, all files of the folder do. */
const doneFile = 'merged-files.json';
/** What Python wrote last; the reason stands at the end. */
const shownCharacters = 1000;

/**
 * The base with the adapter's weights added in, which Bedrock takes in place of an adapter. Merged by a process of this
 * machine, which needs the base's size in memory and on disk, and kept in the store.
 */
export class MergedWeights {
  readonly #settings: MergeSettings;
  readonly #running = new Map<string, Promise<void>>();
  readonly #failed = new Map<string, PortError>();

  constructor(settings: MergeSettings) {
    this.#settings = settings;
  }

  /** The ids of the bases that lie on this machine. */
  get bases(): string[] {
    return Object.keys(this.#settings.baseModels);
  }

  /**
   * The key of the folder with the weights; null while they are merged, which the first call begins.
   * @throws PortError what the merging of before failed with, once; the next call begins anew
   */
  async folder(wanted: Wanted): Promise<string | null> {
    const { name } = wanted;
    const prefix = prefixOf(wanted);
    if ((await this.#settings.store.get({ key: `${prefix}/${doneFile}` })) !== null) return prefix;
    const failure = this.#failed.get(name);
    this.#failed.delete(name);
    if (failure) throw failure;
    if (!this.#running.has(name)) this.#begin(wanted);
    return null;
  }

  /** Removes what was merged; the adapter stays. */
  async remove(wanted: Wanted): Promise<void> {
    const { store } = this.#settings;
    const prefix = prefixOf(wanted);
    await store.remove({ key: `${prefix}/${doneFile}` });
    for await (const { key } of store.list({ prefix: `${prefix}/` })) await store.remove({ key });
  }

  #begin(wanted: Wanted): void {
    const { name } = wanted;
    const merging = this.#merge(wanted)
      .catch((error: unknown) => {
        const failure =
          error instanceof PortError
            ? error
            : new PortError('Unavailable', `merging ${name}: ${String(error)}`, null, { cause: error });
        this.#failed.set(name, failure);
      })
      .finally(() => this.#running.delete(name));
    this.#running.set(name, merging);
  }

  async #merge(wanted: Wanted): Promise<void> {
    const { store, python, script, baseModels, environment } = this.#settings;
    const { name, release } = wanted;
    const scratch = await mkdtemp(join(tmpdir(), 'understudy-merge-'));
    try {
      const output = join(scratch, 'merged');
      const adapter = release.adapter === null ? [] : ['--adapter', await this.#adapterFolder({ release, scratch })];
      const ended = await execa(python, [script, '--base', baseModels[release.base]!, ...adapter, '--output', output], {
        env: { ...environment },
        extendEnv: false,
        reject: false,
        stdin: 'ignore',
        all: true,
      });
      if (ended.exitCode !== 0)
        throw new PortError(
          ended.exitCode === 2 ? 'InvalidInput' : 'Unavailable',
          `merging ${name}: ended with ${ended.exitCode ?? ended.signal ?? 'no exit code'}: ${cutWords({ text: ended.all, characters: shownCharacters, from: 'end' })}`,
        );
      const prefix = prefixOf(wanted);
      const files = (await readdir(output)).sort();
      const refs = [];
      for (const file of files) refs.push(await store.putFile({ key: `${prefix}/${file}`, path: join(output, file) }));
      await store.put({ key: `${prefix}/${doneFile}`, body: Buffer.from(JSON.stringify({ files: refs })) });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  async #adapterFolder({ release, scratch }: { release: DesiredRelease; scratch: string }): Promise<string> {
    const { store } = this.#settings;
    const folder = join(scratch, 'adapter');
    await mkdir(folder);
    for (const { key, name } of await readAdapterManifest({ store, adapter: release.adapter! }))
      await copyFile(await store.localPath({ key }), join(folder, name));
    return folder;
  }
}

const prefixOf = ({ releaseId, name }: Wanted): string => storeKeys.release({ releaseId, file: `merged/${name}` });
