import { storeKeys } from '../contracts/store-keys.js';
import { intersection, type BucketSet } from '../domain/rollout/bucket-set.js';
import { bucketCount } from '../domain/rollout/buckets.js';
import { countFirstEvents, type RevisionBuckets } from '../domain/rollout/guard-first-events.js';
import type { Look } from '../domain/rollout/looks.js';
import type { Telemetry } from '../domain/rollout/telemetry.js';
import { challengerBuckets, trafficPlanSchema, type Arm } from '../domain/rollout/traffic-plan.js';
import type { Ports, TelemetryReading } from './ports.js';
import { readJson } from './stored-json.js';

const armNames = ['champion', 'challenger'] as const;

type ArmSets = { exposed: BucketSet; events: Map<string, BucketSet>; again: Map<string, BucketSet> };

/** Buckets by revision and arm, over all gateways. */
function mergeGateways({
  snapshots,
  buckets,
}: {
  snapshots: Telemetry[];
  buckets: Ports['buckets'];
}): Map<number, Record<Arm, ArmSets>> {
  const merged = new Map<number, Record<Arm, ArmSets>>();
  for (const { revision, arms: counted } of snapshots) {
    const sets = merged.get(revision) ?? { champion: emptyArm(buckets), challenger: emptyArm(buckets) };
    merged.set(revision, sets);
    for (const arm of armNames) {
      sets[arm].exposed = sets[arm].exposed.or(buckets.fromBase64(counted[arm].exposed));
      for (const [event, { buckets: bitmap, again }] of Object.entries(counted[arm].events)) {
        const known = sets[arm].events.get(event) ?? buckets.empty();
        const here = buckets.fromBase64(bitmap);
        sets[arm].events.set(event, known.or(here));
        // Once at one gateway and once at another is more than once.
        const repeated = (sets[arm].again.get(event) ?? buckets.empty()).or(intersection(known, here));
        sets[arm].again.set(event, again === undefined ? repeated : repeated.or(buckets.fromBase64(again)));
      }
    }
  }
  return merged;
}

const emptyArm = (buckets: Ports['buckets']): ArmSets => ({
  exposed: buckets.empty(),
  events: new Map(),
  again: new Map(),
});

/** The counted share of a revision, from the copy of its plan; null where there is no such plan. */
async function shareOf({
  store,
  model,
  revision,
}: {
  store: Ports['store'];
  model: string;
  revision: number;
}): Promise<number | null> {
  const plan = await readJson({ store, key: storeKeys.plan({ model, revision }), schema: trafficPlanSchema });
  if (plan === null) return null;
  return plan.challenger === null ? 0 : challengerBuckets(plan, bucketCount) / bucketCount;
}

/**
 * The gateways' telemetry as the guards count it. `challengerKeys` are, by plan revision, the distinct sticky keys the
 * challenger has answered under it, those included that an earlier revision or the champion had answered before.
 */
export async function takeLook({
  ports,
  model,
  fromRevision,
  at,
}: {
  ports: Pick<Ports, 'store' | 'telemetry' | 'buckets'>;
  model: string;
  fromRevision: number;
  at: string;
}): Promise<TelemetryReading & { look: Look; challengerKeys: ReadonlyMap<number, number> }> {
  const { store, telemetry, buckets } = ports;
  const { snapshots, corrupt } = await telemetry.read({ model, fromRevision });
  const revisions: RevisionBuckets[] = [];
  const challengerKeys = new Map<number, number>();
  for (const [revision, arms] of mergeGateways({ snapshots, buckets })) {
    challengerKeys.set(revision, arms.challenger.exposed.size);
    const share = await shareOf({ store, model, revision });
    if (share !== null) revisions.push({ revision, share, arms: arms });
  }
  const look = { at, revisions: countFirstEvents({ revisions, empty: buckets.empty() }) };
  return { look, snapshots, corrupt, challengerKeys };
}
