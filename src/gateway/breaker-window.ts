import { RoaringBucketSet } from '../adapters/bitmap/roaring-bucket-set.js';
import type { Telemetry } from '../domain/rollout/telemetry.js';
import type { Arm } from '../domain/rollout/traffic-plan.js';
import { absorbBitmap, type Attempt } from './arm-counters.js';

export const windowMinutes = 10;

interface MinuteOfArm {
  keys: RoaringBucketSet;
  events: Map<string, RoaringBucketSet>;
}
type Minute = Record<Arm, MinuteOfArm>;

const emptyArm = (): MinuteOfArm => ({ keys: RoaringBucketSet.empty(), events: new Map() });

/** The last ten minutes by the minute: each key's first request of the minute, and what happened to it. */
export class BreakerWindow {
  private readonly minutes = new Map<number, Minute>();

  attempt({ arm, minute, bucket, events }: { arm: Arm; minute: number } & Omit<Attempt, 'milliseconds'>): void {
    const counters = this.minuteOf(minute)[arm];
    if (!counters.keys.add(bucket)) return;
    for (const event of events) eventOf(counters, event).add(bucket);
  }

  absorb(stored: Telemetry['breaker']): void {
    for (const { minute, arms } of stored)
      for (const arm of ['champion', 'challenger'] as const) {
        const counters = this.minuteOf(minute)[arm];
        absorbBitmap(counters.keys, arms[arm].keys);
        for (const [event, buckets] of Object.entries(arms[arm].events))
          absorbBitmap(eventOf(counters, event), buckets);
      }
  }

  /** The minutes of the window that ends with `now` (minutes since 1970), in order; older ones are forgotten. */
  snapshot({ now }: { now: number }): Telemetry['breaker'] {
    for (const [minute, arms] of this.minutes)
      if (minute <= now - windowMinutes) {
        disposeMinute(arms);
        this.minutes.delete(minute);
      }
    return [...this.minutes]
      .sort(([a], [b]) => a - b)
      .map(([minute, arms]) => ({
        minute,
        arms: { champion: armOf(arms.champion), challenger: armOf(arms.challenger) },
      }));
  }

  dispose(): void {
    for (const arms of this.minutes.values()) disposeMinute(arms);
    this.minutes.clear();
  }

  private minuteOf(minute: number): Minute {
    let arms = this.minutes.get(minute);
    if (!arms) this.minutes.set(minute, (arms = { champion: emptyArm(), challenger: emptyArm() }));
    return arms;
  }
}

function eventOf(counters: MinuteOfArm, event: string): RoaringBucketSet {
  let buckets = counters.events.get(event);
  if (!buckets) counters.events.set(event, (buckets = RoaringBucketSet.empty()));
  return buckets;
}

const armOf = ({ keys, events }: MinuteOfArm) => ({
  keys: keys.toBase64(),
  events: Object.fromEntries([...events].map(([event, buckets]) => [event, buckets.toBase64()])),
});

function disposeMinute(arms: Minute): void {
  for (const { keys, events } of Object.values(arms)) {
    keys.dispose();
    for (const buckets of events.values()) buckets.dispose();
  }
}
