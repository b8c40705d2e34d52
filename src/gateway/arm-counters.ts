import { RoaringBucketSet } from '../adapters/bitmap/roaring-bucket-set.js';
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

/** What has been counted for one arm since its plan revision began. */
export class ArmCounters {
  private readonly exposed = RoaringBucketSet.empty();
  private requests = 0;
  private readonly latency: number[] = new Array<number>(latencyBounds.length + 1).fill(0);
  private readonly events = new Map<string, { count: number; buckets: RoaringBucketSet }>();

  attempt({ bucket, milliseconds, events }: Attempt): void {
    this.exposed.add(bucket);
    this.requests += 1;
    this.latency[latencySlot(milliseconds)]! += 1;
    for (const event of events) this.event({ event, bucket });
  }

  event({ event, bucket }: { event: string; bucket: number }): void {
    const counter = this.counterOf(event);
    counter.count += 1;
    counter.buckets.add(bucket);
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
    for (const [event, { count, buckets }] of Object.entries(stored.events)) {
      const counter = this.counterOf(event);
      counter.count += count - (known?.events[event]?.count ?? 0);
      absorbBitmap(counter.buckets, buckets);
    }
  }

  snapshot(): ArmTelemetry {
    return {
      exposed: this.exposed.toBase64(),
      requests: this.requests,
      latency: [...this.latency],
      events: Object.fromEntries(
        [...this.events].map(([event, { count, buckets }]) => [event, { count, buckets: buckets.toBase64() }]),
      ),
    };
  }

  dispose(): void {
    this.exposed.dispose();
    for (const { buckets } of this.events.values()) buckets.dispose();
  }

  private counterOf(event: string): { count: number; buckets: RoaringBucketSet } {
    let counter = this.events.get(event);
    if (!counter) this.events.set(event, (counter = { count: 0, buckets: RoaringBucketSet.empty() }));
    return counter;
  }
}

/** ORs a stored bitmap into a set. */
export function absorbBitmap(set: RoaringBucketSet, stored: string): void {
  const other = RoaringBucketSet.fromBase64(stored);
  set.absorb(other);
  other.dispose();
}
