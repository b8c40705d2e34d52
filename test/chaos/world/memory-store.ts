import type { ArtifactStore, StoredObject } from '../../../src/activities/ports.js';
import { storeUri } from '../../../src/domain/artifact-ref.js';
import { sha256Hex } from '../../../src/domain/release/evidence.js';

/** What of a store crosses a process: a listing as an array, files as their bytes. */
export interface RemoteStore extends Omit<ArtifactStore, 'list' | 'putFile' | 'localPath'> {
  list(input: { prefix: string }): Promise<{ key: string; bytes: number; modifiedAt: string }[]>;
}

export interface MemoryStore extends RemoteStore {
  /** Writes what stands there once more, so that whoever compares with the version before loses. */
  touch(input: { key: string }): void;
  /** The same as the port, for checks that read the real log. */
  port(): Pick<ArtifactStore, 'get' | 'list'>;
}

type Standing = StoredObject & { modifiedAt: string };

/** An object store that outlives the workers. `onWrite` sees every body that was written. */
export function createMemoryStore({
  onWrite,
}: {
  onWrite: (input: { key: string; body: Uint8Array }) => void;
}): MemoryStore {
  const objects = new Map<string, Standing>();
  let versions = 0;
  const write = (key: string, body: Uint8Array): Standing => {
    const ref = { uri: storeUri(key), sha256: sha256Hex(body), bytes: body.byteLength };
    const standing = { body, ref, version: `m${(versions += 1)}`, modifiedAt: new Date().toISOString() };
    objects.set(key, standing);
    onWrite({ key, body });
    return standing;
  };
  const get: RemoteStore['get'] = async ({ key }) => {
    const found = objects.get(key);
    return found ? { body: found.body, ref: found.ref, version: found.version } : null;
  };
  const listed = (prefix: string) =>
    [...objects.entries()]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { ref, modifiedAt }]) => ({ key, bytes: ref.bytes, modifiedAt }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  return {
    put: async ({ key, body }) => write(key, body).ref,
    putIfAbsent: async ({ key, body }) => {
      const found = objects.get(key);
      return found ? { created: false, ref: found.ref } : { created: true, ref: write(key, body).ref };
    },
    compareAndSet: async ({ key, body, expected }) =>
      (objects.get(key)?.version ?? null) === expected ? { version: write(key, body).version } : null,
    get,
    getIfChanged: async ({ key, known }) => {
      const found = await get({ key });
      return found !== null && found.version === known ? 'unchanged' : found;
    },
    list: async ({ prefix }) => listed(prefix),
    remove: async ({ key }) => void objects.delete(key),
    touch: ({ key }) => {
      const found = objects.get(key);
      if (found) objects.set(key, { ...found, version: `m${(versions += 1)}` });
    },
    port: () => ({
      get,
      async *list({ prefix }) {
        yield* listed(prefix);
      },
    }),
  };
}
