import type { ArtifactStore } from '../../../../src/activities/ports.js';

const writing: ReadonlySet<string> = new Set(['put', 'putIfAbsent', 'compareAndSet', 'putFile', 'remove']);

/** The process that used a store was killed: nothing of it may be heard again. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/**
 * A real store whose user is killed at its write number `dieAt`, from 1: before it, or right after it has landed. `writes`
 * says how many there were.
 */
export function dyingStore({ store, dieAt, landed }: { store: ArtifactStore; dieAt: number; landed: boolean }): {
  store: ArtifactStore;
  readonly writes: number;
} {
  let writes = 0;
  const proxy = new Proxy(store, {
    get: (target, name, receiver) => {
      const found: unknown = Reflect.get(target, name, receiver);
      if (typeof found !== 'function') return found;
      return (...given: unknown[]): unknown => {
        const isWrite = writing.has(String(name));
        if (isWrite) writes += 1;
        if (writes > dieAt || (isWrite && writes === dieAt && !landed)) return Promise.reject(new Killed(String(name)));
        const done: unknown = Reflect.apply(found, target, given);
        if (!isWrite || writes < dieAt) return done;
        return (done as Promise<unknown>).then(() => Promise.reject(new Killed(String(name))));
      };
    },
  });
  return {
    store: proxy,
    get writes() {
      return writes;
    },
  };
}
