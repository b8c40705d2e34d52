import { z } from 'zod';
import type { ArtifactStore } from '../activities/ports.js';
import type { Clock } from './clock.js';
import { dayOf, type RateLimiter } from './rate-limit.js';

const documentSchema = z.object({
  /** Days since 1970, in UTC. */
  day: z.number().int().min(0),
  /** Requests let in on that day, by API key. */
  admitted: z.record(z.string(), z.number().int().min(0)),
});
type Document = z.infer<typeof documentSchema>;

export interface LimitSharingOptions {
  store: ArtifactStore;
  gateway: string;
  limiter: RateLimiter;
  clock: Clock;
  pauseMilliseconds: number;
  onFailure: (error: unknown) => void;
}

const prefix = 'limits/';

/**
 * Lets the gateways of one store keep the limits of their API keys together: each writes what it let in today to
 * `limits/<gateway>.json`, reads the others' and takes it from its own buckets. With the store away each keeps the
 * limits by itself.
 */
export class LimitSharing {
  private readonly known = new Map<string, { version: string; document: Document }>();
  private written = '';
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: LimitSharingOptions) {}

  /** Shares again and again from now on. */
  async start(): Promise<void> {
    await this.restore();
    const again = () => {
      this.timer = setTimeout(() => void this.share().then(again), this.options.pauseMilliseconds);
      this.timer.unref();
    };
    again();
  }

  /** Goes on from what this gateway let in before it was started again, and learns where the others stand. */
  async restore(): Promise<void> {
    const { store, limiter, clock } = this.options;
    await this.attempt(async () => {
      const found = await store.get({ key: this.ownKey() });
      const document = found && parse(found.body);
      if (document?.day === dayOf(clock()))
        for (const [id, today] of Object.entries(document.admitted)) limiter.restore({ id, today, now: clock() });
    });
    await this.share();
  }

  async stop(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.share();
  }

  /** Writes and reads once. Never rejects. */
  share(): Promise<void> {
    return this.attempt(async () => {
      await this.write();
      await this.readOthers();
    });
  }

  private async write(): Promise<void> {
    const { store, limiter, clock } = this.options;
    const now = clock();
    const document: Document = { day: dayOf(now), admitted: limiter.admitted({ now }) };
    const text = JSON.stringify(document);
    if (text === this.written) return;
    await store.put({ key: this.ownKey(), body: Buffer.from(text) });
    this.written = text;
  }

  private async readOthers(): Promise<void> {
    const fresh = new Map<string, number>();
    try {
      await this.collect(fresh);
    } finally {
      // What was read before the store went away is known by now, and would not be taken again.
      this.spend(fresh);
    }
  }

  /** Adds what each key was let in elsewhere since the last reading. */
  private async collect(fresh: Map<string, number>): Promise<void> {
    const { store } = this.options;
    for await (const { key } of store.list({ prefix })) {
      if (key === this.ownKey()) continue;
      const known = this.known.get(key);
      const found = await store.getIfChanged({ key, known: known?.version ?? null });
      if (found === null || found === 'unchanged') continue;
      const document = parse(found.body);
      if (document === null) {
        this.options.onFailure(new Error(`${key} holds no counts of requests by API key`));
        continue;
      }
      if (document.day < dayOf(this.options.clock()) - 1) {
        await store.remove({ key });
        continue;
      }
      // The first reading says where a gateway stands, not how fast it got there.
      const before = known === undefined ? document : known.document;
      for (const [id, today] of Object.entries(document.admitted)) {
        const earlier = before.day === document.day ? (before.admitted[id] ?? 0) : 0;
        fresh.set(id, (fresh.get(id) ?? 0) + Math.max(0, today - earlier));
      }
      this.known.set(key, { version: found.version, document });
    }
  }

  private spend(fresh: ReadonlyMap<string, number>): void {
    const now = this.options.clock();
    const documents = [...this.known.values()].map(({ document }) => document);
    const ofToday = documents.filter(({ day }) => day === dayOf(now));
    for (const [id, count] of fresh) {
      const today = ofToday.reduce((sum, { admitted }) => sum + (admitted[id] ?? 0), 0);
      this.options.limiter.spend({ id, count, today, now });
    }
  }

  private ownKey(): string {
    return `${prefix}${this.options.gateway}.json`;
  }

  private async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.options.onFailure(error);
    }
  }
}

function parse(body: Uint8Array): Document | null {
  try {
    return documentSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch {
    return null;
  }
}
