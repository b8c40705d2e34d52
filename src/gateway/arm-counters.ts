import { RoaringBucketSet } from '../adapters/bitmap/roaring-bucket-set.js';
import { documentedEvents } from '../domain/rollout/event-names.js';
import { latencyBounds, type ArmTelemetry } from '../domain/rollout/telemetry.js';

/** One first attempt: who asked (as bucket), how long it took and what happened to it. */
export interface Attempt {
  bucket: number;
  milliseconds: number;
  events: readonly string[];
}

/** The number of the histogram bucket a latency falls into; the last one lies above every bound. */
export function latencySlot(milliseconds: number): number {
  const slot = latencyBounds.findIndex((bound) => milliseconds <= bound);
  return slot === -1 ? latencyBounds.length : slot;
}

interface EventCounter {
  count: number;
  buckets: RoaringBucketSet;
  /** Buckets with the event more than once: guards see by them how many are left that could have it for the first time. */
  again: RoaringBucketSet;
}

/**
 * Kinds of outcomes by other names that one arm counts: callers name them, and without a bound one caller could make the
 * counters, which are written every second, as large as it likes.
 */
const mostOwnKinds = 64;
/** Counted whatever else was named before. */
const documentedKinds: ReadonlySet<string> = new Set(documentedEvents);

/** What has been counted for one arm since its plan revision began. */
export class ArmCounters {
  private readonly exposed = RoaringBucketSet.empty();
  private requests = 0;
  private readonly latency: number[] = new Array<number>(latencyBounds.length + 1).fill(0);
  private readonly events = new Map<string, EventCounter>();

  attempt({ bucket, milliseconds, events }: Attempt): void {
    this.exposed.add(bucket);
    this.requests += 1;
    this.latency[latencySlot(milliseconds)]! += 1;
    for (const event of events) this.event({ event, bucket });
  }

  /** Whether it was counted: one of a kind too many is not. */
  event({ event, bucket }: { event: string; bucket: number }): boolean {
    if (!this.takes(event)) return false;
    const counter = this.counterOf(event);
    counter.count += 1;
    if (!counter.buckets.add(bucket)) counter.again.add(bucket);
    return true;
  }

  /**
   * Takes in what the store holds beyond what is `known` of it (null: nothing), so that counts of an earlier process
   * under the same gateway id go on, and are never added twice.
   */
  absorb({ stored, known }: { stored: ArmTelemetry; known: ArmTelemetry | null }): void {
    absorbBitmap(this.exposed, stored.exposed);
    this.requests += stored.requests - (known?.requests ?? 0);
    stored.latency.forEach((count, slot) => {
      this.latency[slot]! += count - (known?.latency[slot] ?? 0);
    });
    for (const [event, { count, buckets, again }] of Object.entries(stored.events)) {
      const counter = this.counterOf(event);
      counter.count += count - (known?.events[event]?.count ?? 0);
      absorbBitmap(counter.buckets, buckets);
      if (again !== undefined) absorbBitmap(counter.again, again);
    }
  }

  snapshot(): ArmTelemetry {
    return {
      exposed: this.exposed.toBase64(),
      requests: this.requests,
      latency: [...this.latency],
      events: Object.fromEntries(
        [...this.events].map(([event, { count, buckets, again }]) => [
          event,
          { count, buckets: buckets.toBase64(), again: again.toBase64() },
        ]),
      ),
    };
  }

  dispose(): void {
    this.exposed.dispose();
    for (const { buckets, again } of this.events.values()) {
      buckets.dispose();
      again.dispose();
    }
  }

  private takes(event: string): boolean {
    return documentedKinds.has(event) || this.events.has(event) || this.events.size < mostOwnKinds;
  }

  private counterOf(event: string): EventCounter {
    const known = this.events.get(event);
    if (known) return known;
    const fresh = { count: 0, buckets: RoaringBucketSet.empty(), again: RoaringBucketSet.empty() };
    this.events.set(event, fresh);
    return fresh;
  }
}

/** ORs a stored bitmap into a set. */
export function absorbBitmap(set: RoaringBucketSet, stored: string): void {
  const other = RoaringBucketSet.fromBase64(stored);
  set.absorb(other);
  other.dispose();
}
