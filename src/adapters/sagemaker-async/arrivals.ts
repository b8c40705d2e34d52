import { setTimeout as wait } from 'node:timers/promises';
import type { ArtifactStore } from '../../activities/ports.js';

interface Waiting {
  keys: readonly string[];
  come: (key: string) => void;
  fail: (error: Error) => void;
}

/** Waits for objects that somebody else writes: one listing of a folder for all who wait there. */
export class Arrivals {
  readonly #store: ArtifactStore;
  readonly #lookMilliseconds: number;
  readonly #waiting = new Map<string, Set<Waiting>>();

  constructor({ store, lookMilliseconds }: { store: ArtifactStore; lookMilliseconds: number }) {
    this.#store = store;
    this.#lookMilliseconds = lookMilliseconds;
  }

  /** The first of these keys that stands in the folder. Rejects with the signal's reason, or where the store can't be listed. */
  async first({
    folder,
    keys,
    signal,
  }: {
    folder: string;
    keys: readonly string[];
    signal: AbortSignal;
  }): Promise<string> {
    signal.throwIfAborted();
    return await new Promise<string>((come, fail) => {
      const one: Waiting = {
        keys,
        come: (key) => leave(() => come(key)),
        fail: (error) => leave(() => fail(error)),
      };
      const aborted = (): void => one.fail(signal.reason as Error);
      const leave = (answer: () => void): void => {
        signal.removeEventListener('abort', aborted);
        this.#waiting.get(folder)?.delete(one);
        answer();
      };
      signal.addEventListener('abort', aborted, { once: true });
      const others = this.#waiting.get(folder);
      if (others) others.add(one);
      else {
        this.#waiting.set(folder, new Set([one]));
        void this.#look(folder);
      }
    });
  }

  async #look(folder: string): Promise<void> {
    const waiting = this.#waiting.get(folder)!;
    while (waiting.size > 0) {
      try {
        const there = new Set<string>();
        for await (const { key } of this.#store.list({ prefix: `${folder}/` })) there.add(key);
        for (const one of [...waiting]) {
          const key = one.keys.find((wanted) => there.has(wanted));
          if (key !== undefined) one.come(key);
        }
      } catch (error) {
        for (const one of [...waiting]) one.fail(error as Error);
      }
      if (waiting.size > 0) await wait(this.#lookMilliseconds);
    }
    this.#waiting.delete(folder);
  }
}
