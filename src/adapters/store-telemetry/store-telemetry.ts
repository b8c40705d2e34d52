import type { ArtifactStore, TelemetryReading, TelemetrySource } from '../../activities/ports.js';
import type { Telemetry } from '../../domain/rollout/telemetry.js';
import { readSnapshot } from './read-snapshot.js';

/** The gateways' own counters, read from where they write them: `telemetry/<model>/<revision>/<gateway>.json`. */
export class StoreTelemetry implements TelemetrySource {
  private readonly store: ArtifactStore;
  private readonly onCorrupt: (input: { key: string; reason: string }) => void;

  /** `onCorrupt` is told of each snapshot that can't be read. */
  constructor({
    store,
    onCorrupt,
  }: {
    store: ArtifactStore;
    onCorrupt: (input: { key: string; reason: string }) => void;
  }) {
    this.store = store;
    this.onCorrupt = onCorrupt;
  }

  /**
   * Every snapshot of the model from `fromRevision` on, ordered by revision, then gateway. Rejects with a `PortError`
   * when the store can't be reached: no reading is not the same as no events.
   */
  async read({ model, fromRevision }: { model: string; fromRevision: number }): Promise<TelemetryReading> {
    const prefix = `telemetry/${model}/`;
    const keys: string[] = [];
    for await (const { key } of this.store.list({ prefix })) {
      const revision = /^(\d+)\/[^/]+\.json$/.exec(key.slice(prefix.length))?.[1];
      if (revision !== undefined && Number(revision) >= fromRevision) keys.push(key);
    }
    const read = (await Promise.all(keys.map((key) => this.readOne(key)))).filter((one) => one !== null);
    return {
      snapshots: read
        .flatMap((one) => ('telemetry' in one ? [one.telemetry] : []))
        .sort((a, b) => a.revision - b.revision || (a.gateway < b.gateway ? -1 : 1)),
      corrupt: read.flatMap((one) => ('reason' in one ? [one] : [])),
    };
  }

  private async readOne(key: string): Promise<{ telemetry: Telemetry } | { key: string; reason: string } | null> {
    const found = await this.store.get({ key });
    if (found === null) return null;
    const read = readSnapshot({ key, body: found.body });
    if (!('reason' in read)) return { telemetry: read };
    this.onCorrupt({ key, reason: read.reason });
    return { key, reason: read.reason };
  }
}
