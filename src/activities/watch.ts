import type { WatchInput, WatchResult } from '../contracts/watch.js';
import { canonicalJson } from '../domain/release/evidence.js';
import type { Look } from '../domain/rollout/looks.js';
import { championOnly, closingOwner, type TrafficPlan } from '../domain/rollout/traffic-plan.js';
import { breakerVerdict, breakerWindows } from './breaker-reading.js';
import { sampleWatch } from './bad-answers/sample-watch.js';
import { readTrip, rulesKey, tripKey, type CanaryRules, type Trip } from './canary-evidence.js';
import type { Clock } from './clock.js';
import { guardJudge } from './guard-judgement.js';
import { heartbeat, pause } from './heartbeat.js';
import { movedReason, renewLease } from './lease.js';
import { lookLog, readLooks } from './look-log.js';
import { metricsWatch } from './metrics-breaker.js';
import type { Pacer } from './judging/pacer.js';
import { noteMeanwhile, notePlan } from './plan-audit.js';
import { PortError, type Ports } from './ports.js';
import { takeLook } from './telemetry-reading.js';

const everyMilliseconds = 1000;

const countsOf = (look: Look): string => canonicalJson(look.revisions);

const limitOf = ({ model, fromRevision, errorLimit, errorWindowMilliseconds }: WatchInput) => ({
  model,
  fromRevision,
  limit: errorLimit,
  windowMilliseconds: errorWindowMilliseconds,
});

const rulesOf = ({ fromRevision, guards, alpha, errorLimit }: WatchInput): CanaryRules => ({
  version: 1,
  fromRevision,
  guards,
  alpha,
  errorLimit,
});

type Tripped = Extract<WatchResult, { kind: 'tripped' }>;

/**
 * Watches the guards of one rollout. It renews the lease while it lives and no guard failed, and on a trip gives the
 * champion its traffic back before it says so. Everything it rests on is in the store, so that a retry elsewhere goes
 * on without a gap.
 */
export function createWatchActivities(
  ports: Pick<Ports, 'store' | 'router' | 'telemetry' | 'metrics' | 'buckets' | 'judge' | 'audit'> & {
    pacer: Pacer | null;
    clock: Clock;
  },
) {
  const { store, router, audit, clock } = ports;
  /** Writes the plan that gives the champion everyone; null where a newer owner holds the plan already. */
  async function takeTrafficBack({
    input,
    reason,
  }: {
    input: WatchInput;
    reason: string;
  }): Promise<TrafficPlan | null> {
    const owner = closingOwner(input.owner);
    for (;;) {
      const plan = await router.read({ model: input.model });
      if (!plan || plan.owner.epoch >= owner.epoch) return plan;
      // Whoever wrote it may have ended before noting it, and is fenced out from now on; users wait for no log.
      const settle = noteMeanwhile({ store, audit, model: input.model, plan });
      try {
        const change = { ...championOnly(`${input.releaseId}: ${reason}`), champion: plan.champion };
        const written = await router.write({ model: input.model, owner, change, expectedRevision: plan.revision });
        await settle();
        return written;
      } catch (error) {
        if (error instanceof PortError && error.type === 'PlanFenced') return null;
        if (!(error instanceof PortError) || error.type !== 'Conflict') throw error;
      }
    }
  }

  async function rollBack({ input, trip }: { input: WatchInput; trip: Trip }): Promise<Tripped> {
    const { verdicts, at } = trip;
    const reason = verdicts
      .filter((one) => one.verdict === 'fail')
      .map((one) => one.reason)
      .join('; ');
    const body = Buffer.from(canonicalJson(trip));
    const { ref: evidence } = await store.putIfAbsent({ key: tripKey(input), body });
    const written = await takeTrafficBack({ input, reason });
    if (written) {
      const { model, releaseId } = input;
      // A newer owner's plan is noted as what it is.
      const isOwn = written.owner.epoch === closingOwner(input.owner).epoch;
      const actor = `watch:${releaseId}`;
      const cause = isOwn ? { actor, releaseId, reason, evidenceDigest: evidence.sha256 } : null;
      await notePlan({ store, audit, model, plan: written, cause });
    }
    return {
      kind: 'tripped',
      reason,
      verdicts,
      evidence,
      evidenceAt: at,
      rolledBackAt: written?.at ?? clock.now(),
      revision: written?.revision ?? input.fromRevision,
    };
  }

  return {
    async watchGuards(input: WatchInput): Promise<WatchResult> {
      const begun = await readTrip({ store, releaseId: input.releaseId });
      if (begun) return await rollBack({ input, trip: begun });
      await store.putIfAbsent({ key: rulesKey(input), body: Buffer.from(canonicalJson(rulesOf(input))) });
      const known = await readLooks({ store, releaseId: input.releaseId });
      const log = lookLog({ store, releaseId: input.releaseId, known });
      const judge = guardJudge({
        plan: { guards: input.guards, alpha: input.alpha },
        looks: known.map((one) => one.look),
      });
      const monitoring = ports.metrics && metricsWatch({ ...limitOf(input), metrics: ports.metrics });
      const sampling = sampleWatch({ ports, input });
      const ends = Date.parse(clock.now()) + input.sliceMilliseconds;
      let counted = known.length > 0 ? countsOf(known.at(-1)!.look) : '';
      for (;;) {
        const now = clock.now();
        const plan = await router.read({ model: input.model });
        const moved = movedReason({ plan, watched: input });
        if (moved) return { kind: 'moved', reason: moved };
        const { look, snapshots, corrupt } = await takeLook({
          ports,
          model: input.model,
          fromRevision: input.fromRevision,
          at: now,
        });
        // Counts never go back: what can't be read now would look like harm undone, or like harm out of nothing.
        const readable = corrupt.length === 0;
        const judged = readable ? judge.judge(look) : { verdicts: [], marks: [] };
        if (readable && countsOf(look) !== counted) {
          counted = countsOf(look);
          await log.append({ look, guards: judged.marks });
          judge.take(look);
        }
        const windows = breakerWindows({ snapshots, buckets: ports.buckets, ...limitOf(input), now });
        const breaker = breakerVerdict({ windows, ...limitOf(input) });
        const verdicts = [...judged.verdicts, breaker, ...(monitoring?.look({ now }) ?? [])];
        if (verdicts.some((one) => one.verdict === 'fail'))
          return await rollBack({ input, trip: { version: 1, at: now, verdicts, windows } });
        // Without guards nobody watches over the share: the lease runs out unless the counters are back in time.
        if (readable) await renewLease({ router, plan: plan!, watched: input, now });
        heartbeat({ looks: log.looks.length, at: now });
        sampling?.look({ now });
        if (Date.parse(clock.now()) >= ends) {
          await sampling?.settled();
          return { kind: 'slice' };
        }
        await pause(everyMilliseconds);
      }
    },
  };
}
