import { encodeSegment } from '../../../src/activities/segment-file.js';
import { RoaringBucketSet } from '../../../src/adapters/bitmap/roaring-bucket-set.js';
import { planKey } from '../../../src/adapters/store-router/store-router.js';
import { telemetryKey } from '../../../src/adapters/store-telemetry/read-snapshot.js';
import type { ShadowPair } from '../../../src/contracts/shadow-pair.js';
import { bucketCount } from '../../../src/domain/rollout/buckets.js';
import { latencyBounds, type Telemetry } from '../../../src/domain/rollout/telemetry.js';
import {
  challengerBuckets,
  effectivePlan,
  trafficPlanSchema,
  type TrafficPlan,
} from '../../../src/domain/rollout/traffic-plan.js';
import type { MemoryStore } from './memory-store.js';

const users = 400;
const pairs = 60;
const everyMilliseconds = 250;
const writesEveryMilliseconds = 1000;

/** When a release that is not the champion was last sent users or copies of their requests. */
export interface Exposure {
  firstAt: number;
  lastAt: number;
}

/** What a gateway has written of a model's present plan: the buckets that each arm has answered. */
interface Counted {
  revision: number;
  at: number;
  champion: number[];
  challenger: number[];
}

export interface Gateways {
  /** By release id. */
  readonly exposures: ReadonlyMap<string, Exposure>;
  stop(): void;
}

/**
 * A gateway for each model: serves as the plan says, leases and all, and counts what its users see. Of a harmful
 * release three in five users see an error.
 */
export function startGateways({
  store,
  models,
  isHarmful,
}: {
  store: MemoryStore;
  models: readonly string[];
  isHarmful: (releaseId: string) => boolean;
}): Gateways {
  const exposures = new Map<string, Exposure>();
  const written = new Map<string, Counted>();
  const all = Array.from({ length: users }, (_, user) => Math.floor((user * bucketCount) / users));

  const arm = (own: number[], failed: number[]): Telemetry['arms']['champion'] => ({
    exposed: RoaringBucketSet.of(own).toBase64(),
    requests: own.length,
    latency: latencyBounds.map(() => 0).concat(0),
    events: { error: { count: failed.length, buckets: RoaringBucketSet.of(failed).toBase64() } },
  });

  const recent = (own: number[], failed: number[]): Telemetry['breaker'][number]['arms']['champion'] => ({
    keys: RoaringBucketSet.of(own).toBase64(),
    events: { error: RoaringBucketSet.of(failed).toBase64() },
  });

  async function count(plan: TrafficPlan & { lapsed: boolean }, now: number): Promise<void> {
    const before = written.get(plan.model);
    const known =
      before?.revision === plan.revision
        ? before
        : { revision: plan.revision, at: -Infinity, champion: [], challenger: [] };
    if (now - known.at < writesEveryMilliseconds) return;
    const split = plan.challenger ? challengerBuckets(plan, bucketCount) : 0;
    // As in a real gateway: nobody counts while the lease has lapsed, and what was counted stays.
    const [champion, challenger] = plan.lapsed
      ? [[], []]
      : [all.filter((bucket) => bucket >= split), all.filter((bucket) => bucket < split)];
    const counted = plan.lapsed ? known : { champion, challenger };
    written.set(plan.model, {
      revision: plan.revision,
      at: now,
      champion: counted.champion,
      challenger: counted.challenger,
    });
    const harmedOf = (buckets: number[]): number[] =>
      plan.challenger && isHarmful(plan.challenger.releaseId) ? buckets.slice(0, Math.ceil(buckets.length * 0.6)) : [];
    const telemetry: Telemetry = {
      ...{ model: plan.model, gateway: 'g1', revision: plan.revision, at: new Date(now).toISOString() },
      breaker: [
        {
          minute: Math.floor(now / 60_000),
          arms: { champion: recent(champion, []), challenger: recent(challenger, harmedOf(challenger)) },
        },
      ],
      arms: {
        champion: arm(counted.champion, []),
        challenger: arm(counted.challenger, harmedOf(counted.challenger)),
      },
    };
    await store.put({ key: telemetryKey(telemetry), body: Buffer.from(JSON.stringify(telemetry)) });
    if (plan.mirrorShare > 0 && before?.revision !== plan.revision) await mirror(plan, now);
  }

  async function mirror(plan: TrafficPlan, now: number): Promise<void> {
    const releaseId = plan.challenger!.releaseId;
    const answered = (release: string) => ({
      ...{ release, answer: 'It arrives tomorrow.', latencyMs: 20, promptTokens: 20, completionTokens: 4 },
    });
    const lines = Array.from({ length: pairs }, (_, index): ShadowPair => ({
      ...{ at: new Date(now).toISOString(), id: `${plan.model}-${plan.revision}-${index}`, model: plan.model },
      ...{ revision: plan.revision, bucket: all[index]! },
      request: { query: 'When?', messages: [{ role: 'user', content: 'When?' }] },
      ...{ champion: answered(plan.champion.releaseId), challenger: answered(releaseId) },
    }));
    const body = await encodeSegment({ lines: lines.map((line) => JSON.stringify(line)) });
    await store.put({ key: `shadow/${releaseId}/g1-${plan.revision}.jsonl.zst`, body });
  }

  async function serve(model: string): Promise<void> {
    const stored = await store.get({ key: planKey(model) });
    if (!stored) return;
    const now = Date.now();
    const written = trafficPlanSchema.parse(JSON.parse(Buffer.from(stored.body).toString()));
    const plan = effectivePlan({ plan: written, now: new Date(now).toISOString() });
    if (plan.challenger && (plan.challengerShare > 0 || plan.mirrorShare > 0)) {
      const { releaseId } = plan.challenger;
      const { firstAt } = exposures.get(releaseId) ?? { firstAt: now };
      exposures.set(releaseId, { firstAt, lastAt: now });
    }
    await count(plan, now);
  }

  const timer = setInterval(() => void Promise.all(models.map(serve)), everyMilliseconds);
  return { exposures, stop: () => clearInterval(timer) };
}
