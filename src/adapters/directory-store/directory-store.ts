import { createHash } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type ArtifactStore, PortError, type StoredObject } from '../../activities/ports.js';
import { type ArtifactRef, storeUri } from '../../domain/artifact-ref.js';
import {
  type HiddenFile,
  codeOf,
  digestFile,
  ensureFolder,
  fileError,
  readChunks,
  sweepHidden,
  syncFolder,
  writeHidden,
} from './atomic-files.js';
import { checkKey, nameOfVersion, temporaryFolder } from './keys.js';
import { listKeys } from './list-keys.js';
import { appendVersion, readHead } from './versions.js';

/** What stands at a key now: a plain file, one version of a managed key, or nothing. */
type Standing =
  | { kind: 'plain'; path: string; version: string }
  | { kind: 'managed'; path: string; version: string; number: number }
  | { kind: 'absent'; managed: boolean; number: number };

/**
 * The artifact store in a folder that several processes share.
 *
 * A key is **plain** (a file of its name) until it is first written by `compareAndSet`; then it is **managed** (a
 * folder of its name with numbered versions). The file system lets only one of the two exist, so the kinds can't
 * race: on a managed key `put`, `putIfAbsent`, `putFile` and `remove` add a version; on a plain key `compareAndSet`
 * over its version is refused (`InvalidInput`), because a rename can't compare.
 */
export class DirectoryStore implements ArtifactStore {
  readonly #root: string;
  readonly #hidden: string;
  #swept: Promise<void> | null = null;

  constructor({ root }: { root: string }) {
    this.#root = resolve(root);
    this.#hidden = join(this.#root, temporaryFolder);
  }

  put({ key, body }: { key: string; body: Uint8Array }): Promise<ArtifactRef> {
    return this.#writing({ key, chunks: [body] }, (file) => this.#replace({ key, file }));
  }

  putFile({ key, path }: { key: string; path: string }): Promise<ArtifactRef> {
    return this.#writing({ key, chunks: readChunks(path) }, (file) => this.#replace({ key, file }));
  }

  putIfAbsent({ key, body }: { key: string; body: Uint8Array }): Promise<{ created: boolean; ref: ArtifactRef }> {
    return this.#writing({ key, chunks: [body] }, async (file) => {
      for (;;) {
        const standing = await this.#standing(key);
        if (standing.kind !== 'absent') {
          const found = await digestFile(standing.path).catch(ignoreMissing);
          if (found) return { created: false, ref: { uri: storeUri(key), ...found } };
        } else if (standing.managed ? await this.#append({ key, standing, file }) : await this.#create({ key, file })) {
          return { created: true, ref: refOf({ key, file }) };
        }
      }
    });
  }

  compareAndSet({
    key,
    body,
    expected,
  }: {
    key: string;
    body: Uint8Array;
    expected: string | null;
  }): Promise<{ version: string } | null> {
    return this.#writing({ key, chunks: [body] }, async (file) => {
      const path = this.#path(key);
      await ensureFolder(dirname(path));
      if (expected === null) await mkdir(path).catch(ignoreExisting);
      const standing = await this.#standing(key);
      if (standing.kind === 'plain') {
        if (expected !== standing.version) return null;
        throw new PortError(
          'InvalidInput',
          `store key ${key}: was written by put, so it can't be compared and set; write it by compareAndSet from the start`,
        );
      }
      if (expected !== (standing.kind === 'absent' ? null : standing.version)) return null;
      const won = await this.#append({ key, standing, file });
      return won ? { version: versionText(standing.number + 1) } : null;
    });
  }

  async get({ key }: { key: string }): Promise<StoredObject | null> {
    const found = await this.getIfChanged({ key, known: null });
    return found === 'unchanged' ? null : found;
  }

  async getIfChanged({
    key,
    known,
  }: {
    key: string;
    known: string | null;
  }): Promise<StoredObject | 'unchanged' | null> {
    checkKey(key);
    return this.#mapped(`reading ${key}`, async () => {
      for (;;) {
        const standing = await this.#standing(key);
        if (standing.kind === 'absent') return null;
        if (standing.version === known) return 'unchanged';
        const read = await this.#read(standing);
        if (read) return { ...read, ref: refOfBody({ key, body: read.body }) };
      }
    });
  }

  async *list({ prefix }: { prefix: string }): AsyncGenerator<{ key: string; bytes: number; modifiedAt: string }> {
    if (prefix !== '') checkKey(prefix.replace(/\/$/, ''));
    try {
      yield* listKeys({ root: this.#root, prefix });
    } catch (error) {
      throw fileError({ error, what: `listing ${prefix}` });
    }
  }

  async remove({ key }: { key: string }): Promise<void> {
    checkKey(key);
    await this.#mapped(`removing ${key}`, async () => {
      const path = this.#path(key);
      for (;;) {
        const standing = await this.#standing(key);
        if (standing.kind === 'absent') return;
        if (standing.kind === 'plain') return rm(path, { force: true });
        const head = { number: standing.number, removed: false };
        if (await appendVersion({ folder: path, head, file: null })) return;
      }
    });
  }

  async localPath({ key }: { key: string }): Promise<string> {
    checkKey(key);
    return this.#mapped(`looking for ${key}`, async () => {
      const standing = await this.#standing(key);
      if (standing.kind !== 'absent') return standing.path;
      throw new PortError('NotFound', `store key ${key}: nothing stands there`);
    });
  }

  #path(key: string): string {
    return join(this.#root, key);
  }

  async #standing(key: string): Promise<Standing> {
    const path = this.#path(key);
    const found = await stat(path, { bigint: true }).catch(ignoreMissing);
    if (!found) return { kind: 'absent', managed: false, number: 0 };
    if (!found.isDirectory()) return { kind: 'plain', path, version: plainVersion(found) };
    const head = await readHead(path);
    if (head.number === 0 || head.removed) return { kind: 'absent', managed: true, number: head.number };
    const file = join(path, nameOfVersion(head.number));
    return { kind: 'managed', path: file, version: versionText(head.number), number: head.number };
  }

  /** Null when the file went away since it was seen. The version is that of the bytes, not of the look before. */
  async #read(standing: Exclude<Standing, { kind: 'absent' }>): Promise<{ body: Uint8Array; version: string } | null> {
    if (standing.kind === 'managed') {
      const body = await readFile(standing.path).catch(ignoreMissing);
      return body && { body, version: standing.version };
    }
    const file = await open(standing.path, 'r').catch(ignoreMissing);
    if (!file) return null;
    return withClosing(file, async () => {
      const found = await file.stat({ bigint: true });
      return found.isDirectory() ? null : { body: await file.readFile(), version: plainVersion(found) };
    });
  }

  async #replace({ key, file }: { key: string; file: HiddenFile }): Promise<ArtifactRef> {
    const path = this.#path(key);
    await ensureFolder(dirname(path));
    for (;;) {
      const standing = await this.#standing(key);
      if (standing.kind === 'managed' || (standing.kind === 'absent' && standing.managed)) {
        if (await this.#append({ key, standing, file })) return refOf({ key, file });
        continue;
      }
      const renamed = await rename(file.path, path).then(() => true, ignoreFolder);
      if (!renamed) continue;
      await syncFolder(dirname(path));
      return refOf({ key, file });
    }
  }

  async #create({ key, file }: { key: string; file: HiddenFile }): Promise<boolean> {
    const path = this.#path(key);
    await ensureFolder(dirname(path));
    const created = await link(file.path, path).then(() => true, ignoreExisting);
    if (created) await syncFolder(dirname(path));
    return created === true;
  }

  #append({ key, standing, file }: { key: string; standing: { number: number }; file: HiddenFile }): Promise<boolean> {
    const head = { number: standing.number, removed: false };
    return appendVersion({ folder: this.#path(key), head, file: file.path });
  }

  async #writing<Result>(
    { key, chunks }: { key: string; chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array> },
    publish: (file: HiddenFile) => Promise<Result>,
  ): Promise<Result> {
    return this.#mapped(`writing ${key}`, async () => {
      checkKey(key);
      this.#swept ??= sweepHidden({ folder: this.#hidden, now: Date.now() });
      await this.#swept;
      const file = await writeHidden({ folder: this.#hidden, chunks });
      try {
        return await publish(file);
      } finally {
        await rm(file.path, { force: true });
      }
    });
  }

  async #mapped<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw fileError({ error, what });
    }
  }
}

const versionText = (number: number): string => `v${number}`;

const plainVersion = (found: { ino: bigint; mtimeNs: bigint; size: bigint }): string =>
  `f${found.ino}-${found.mtimeNs}-${found.size}`;

const refOf = ({ key, file }: { key: string; file: HiddenFile }): ArtifactRef => ({
  uri: storeUri(key),
  sha256: file.sha256,
  bytes: file.bytes,
});

const refOfBody = ({ key, body }: { key: string; body: Uint8Array }): ArtifactRef => ({
  uri: storeUri(key),
  sha256: createHash('sha256').update(body).digest('hex'),
  bytes: body.byteLength,
});

const ignoring =
  (...codes: string[]) =>
  (error: unknown): null => {
    if (codes.includes(codeOf(error) ?? '')) return null;
    throw error;
  };
const ignoreMissing = ignoring('ENOENT', 'ENOTDIR');
const ignoreExisting = ignoring('EEXIST');
const ignoreFolder = ignoring('EISDIR');

async function withClosing<Result>(file: FileHandle, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } finally {
    await file.close();
  }
}
