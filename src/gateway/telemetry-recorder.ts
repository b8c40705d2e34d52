import { createHash } from 'node:crypto';
import type { ArtifactStore } from '../activities/ports.js';
import { readSnapshot, telemetryKey } from '../adapters/store-telemetry/read-snapshot.js';
import { silenceMilliseconds, type Telemetry } from '../domain/rollout/telemetry.js';
import type { Arm } from '../domain/rollout/traffic-plan.js';
import { ArmCounters, type Attempt } from './arm-counters.js';
import { BreakerWindow } from './breaker-window.js';
import type { Clock } from './clock.js';
import { FlushTimer } from './flush-timer.js';

interface Counters {
  model: string;
  revision: number;
  arms: Record<Arm, ArmCounters>;
  breaker: BreakerWindow;
  dirty: boolean;
  touchedAt: number;
  /** Since when there is something that the store does not have; null while it has everything. */
  unwrittenSince: number | null;
  /** What is known to stand in the store; null before the first look. */
  stored: { version: string | null; telemetry: Telemetry | null } | null;
  /** Digests of writes that failed without saying whether they happened. */
  uncertain: Set<string>;
}

export interface TelemetryRecorderOptions {
  store: ArtifactStore;
  gateway: string;
  clock: Clock;
  flushMilliseconds: number;
  /** The process stands still between requests, and flushes before each answer goes out. */
  suspended?: boolean;
  onFailure: (input: { key: string; error: unknown }) => void;
}

const forgetAfterMilliseconds = 10 * 60_000;

/**
 * Counts first attempts and events by model, plan revision and arm, in memory at once and in the store within one
 * flush. The counters are cumulative over restarts: what stands in the store under this gateway's id is taken in before
 * the first write, and the write is a compare-and-set. With the store away it goes on counting and writes later.
 */
export class TelemetryRecorder {
  private readonly counters = new Map<string, Counters>();
  private readonly timer: FlushTimer;
  private flushing: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: TelemetryRecorderOptions) {
    this.timer = new FlushTimer(options.flushMilliseconds, () => this.flush());
  }

  attempt(input: { model: string; revision: number; arm: Arm } & Attempt): void {
    const counters = this.touched(input);
    counters.arms[input.arm].attempt(input);
    counters.breaker.attempt({ minute: this.minute(), ...input });
  }

  /** Counts what became known of an answer afterwards, feedback or an outcome, and says whether it did. */
  event(input: { model: string; revision: number; arm: Arm; event: string; bucket: number }): boolean {
    return this.touched(input).arms[input.arm].event(input);
  }

  /** Lets the next flush write a revision whether it counted anything or not: this gateway is there. */
  touch(input: { model: string; revision: number }): void {
    this.touched(input);
  }

  /**
   * Whether the store could be read, but nothing written for five minutes before. Then nobody hears what this gateway
   * counts, and it must not go on giving users to a challenger. With the store away altogether the lease decides.
   * @param readAt when the store last confirmed the plan of the revision, milliseconds since 1970.
   */
  isMute({ model, revision, readAt }: { model: string; revision: number; readAt: number }): boolean {
    const since = this.counters.get(`${model}/${revision}`)?.unwrittenSince ?? null;
    return since !== null && readAt - since >= silenceMilliseconds;
  }

  /** The counters as they are now, null for a revision that counted nothing here. */
  snapshot(input: { model: string; revision: number }): Telemetry | null {
    const counters = this.counters.get(`${input.model}/${input.revision}`);
    return counters ? this.snapshotOf(counters) : null;
  }

  /** Writes everything that changed. Never rejects; what could not be written stays for the next time. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(() => this.flushAll());
    return this.flushing;
  }

  /** Writes what is left, says under every revision that this gateway has ended, and stops writing by itself. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const counters of this.counters.values()) counters.dirty = true;
    await this.timer.stop();
  }

  private minute(): number {
    return Math.floor(this.options.clock() / 60_000);
  }

  private touched({ model, revision }: { model: string; revision: number }): Counters {
    const name = `${model}/${revision}`;
    let counters = this.counters.get(name);
    if (!counters) {
      const arms = { champion: new ArmCounters(), challenger: new ArmCounters() };
      const breaker = new BreakerWindow();
      const fresh = { dirty: false, touchedAt: 0, unwrittenSince: null, stored: null, uncertain: new Set<string>() };
      counters = { model, revision, arms, breaker, ...fresh };
      this.counters.set(name, counters);
    }
    counters.dirty = true;
    counters.touchedAt = this.options.clock();
    counters.unwrittenSince ??= counters.touchedAt;
    this.timer.schedule();
    return counters;
  }

  private async flushAll(): Promise<void> {
    const dirty = [...this.counters.values()].filter((counters) => counters.dirty);
    await Promise.all(dirty.map((counters) => this.write(counters)));
    this.forgetOld();
    if (dirty.some((counters) => counters.dirty)) this.timer.schedule();
  }

  private async write(counters: Counters): Promise<void> {
    const key = telemetryKey({ ...counters, gateway: this.options.gateway });
    try {
      counters.stored ??= await this.takeIn({ key, counters, known: null });
      const telemetry = this.snapshotOf(counters);
      counters.dirty = false;
      const takenAt = this.options.clock();
      const body = Buffer.from(JSON.stringify(telemetry));
      const digest = createHash('sha256').update(body).digest('hex');
      counters.uncertain.add(digest);
      const written = await this.options.store.compareAndSet({ key, body, expected: counters.stored.version });
      if (written) {
        counters.stored = { version: written.version, telemetry };
        counters.unwrittenSince = counters.dirty ? takenAt : null;
      } else {
        counters.uncertain.delete(digest);
        counters.dirty = true;
        counters.stored = await this.takeIn({ key, counters, known: counters.stored.telemetry });
      }
      counters.uncertain.clear();
    } catch (error) {
      counters.dirty = true;
      this.options.onFailure({ key, error });
    }
  }

  /**
   * Takes in what the store holds beyond what is `known`. Under a known key that is either a write of this process
   * whose confirmation was lost, which holds nothing new, or one of another process under the same gateway id, whose
   * counts then add to these.
   */
  private async takeIn({ key, counters, known }: { key: string; counters: Counters; known: Telemetry | null }) {
    const found = await this.options.store.get({ key });
    if (found === null) return { version: null, telemetry: null };
    const telemetry = readSnapshot({ key, body: found.body });
    if ('reason' in telemetry) {
      // What can't be read can't be added to: counting on over it loses nothing that was not lost.
      this.options.onFailure({ key, error: new Error(`corrupt, counting starts anew: ${telemetry.reason}`) });
      return { version: found.version, telemetry: null };
    }
    if (counters.uncertain.has(found.ref.sha256)) return { version: found.version, telemetry };
    for (const arm of ['champion', 'challenger'] as const)
      counters.arms[arm].absorb({ stored: telemetry.arms[arm], known: known?.arms[arm] ?? null });
    counters.breaker.absorb(telemetry.breaker);
    return { version: found.version, telemetry };
  }

  private snapshotOf({ model, revision, arms, breaker }: Counters): Telemetry {
    return {
      model,
      gateway: this.options.gateway,
      revision,
      at: new Date(this.options.clock()).toISOString(),
      arms: { champion: arms.champion.snapshot(), challenger: arms.challenger.snapshot() },
      breaker: breaker.snapshot({ now: this.minute() }),
      ...(this.stopped ? { ended: true } : {}),
      ...(this.options.suspended ? { suspended: true } : {}),
    };
  }

  private forgetOld(): void {
    const now = this.options.clock();
    for (const [name, counters] of this.counters) {
      if (counters.dirty || now - counters.touchedAt < forgetAfterMilliseconds) continue;
      for (const arm of Object.values(counters.arms)) arm.dispose();
      counters.breaker.dispose();
      this.counters.delete(name);
    }
  }
}
