import type { ArtifactStore } from '../../../src/activities/ports.js';
import { PortError } from '../../../src/activities/ports.js';

/** A real store whose connection can be cut, and whose confirmations can get lost. */
export class FragileStore implements ArtifactStore {
  away = false;
  /** The next conditional write happens, but its confirmation does not come back. */
  losesConfirmation = false;
  /** Keys that nobody may read. */
  readonly forbidden = new Set<string>();

  constructor(private readonly store: ArtifactStore) {}

  put(input: { key: string; body: Uint8Array }) {
    return this.reach(() => this.store.put(input));
  }
  putIfAbsent(input: { key: string; body: Uint8Array }) {
    return this.reach(() => this.store.putIfAbsent(input));
  }
  compareAndSet(input: { key: string; body: Uint8Array; expected: string | null }) {
    return this.reach(async () => {
      const written = await this.store.compareAndSet(input);
      if (!this.losesConfirmation) return written;
      this.losesConfirmation = false;
      throw new PortError('Timeout', `writing ${input.key}: no confirmation`);
    });
  }
  get(input: { key: string }) {
    return this.reach(() => this.store.get(input));
  }
  getIfChanged(input: { key: string; known: string | null }) {
    return this.reach(() => {
      if (this.forbidden.has(input.key)) throw new PortError('Unauthorised', `${input.key} may not be read`);
      return this.store.getIfChanged(input);
    });
  }
  async *list(input: { prefix: string }) {
    await this.reach(() => Promise.resolve());
    yield* this.store.list(input);
  }
  remove(input: { key: string }) {
    return this.reach(() => this.store.remove(input));
  }
  putFile(input: { key: string; path: string }) {
    return this.reach(() => this.store.putFile(input));
  }
  localPath(input: { key: string }) {
    return this.reach(() => this.store.localPath(input));
  }

  private async reach<Result>(act: () => Promise<Result>): Promise<Result> {
    if (this.away) throw new PortError('Unavailable', 'the store is away');
    return act();
  }
}
