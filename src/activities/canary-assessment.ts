import { leaseGate, type StepAssessment } from '../contracts/watch.js';
import { storeKeys } from '../contracts/store-keys.js';
import { canonicalJson } from '../domain/release/evidence.js';
import { worstVerdict, type Verdict } from '../domain/release/verdict.js';
import { effectivePlan, type TrafficPlan } from '../domain/rollout/traffic-plan.js';
import type { CanaryStep, RolloutSpec } from '../domain/spec/rollout-spec.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { judgeBreaker } from './breaker-reading.js';
import type { Clock } from './clock.js';
import { guardJudge, judgeSampleRatio } from './guard-judgement.js';
import { readLooks } from './look-log.js';
import type { Ports } from './ports.js';
import { takeLook } from './telemetry-reading.js';

const staleMilliseconds = 5 * 60_000;

const lapsedReason = ({ revision, lease }: TrafficPlan): string =>
  `the lease of plan revision ${revision} lapsed at ${lease?.until}; the old champion has served alone since`;

const plain = { value: null, bound: null, limit: null, evidence: null } as const;

/** Whether a canary step or a bake may pass, from the telemetry as it is now. */
export function createStepActivities(
  ports: Pick<Ports, 'store' | 'router' | 'telemetry' | 'buckets'> & { clock: Clock },
) {
  const { store, router, clock } = ports;

  return {
    async assessStep({
      releaseId,
      model,
      revision,
      fromRevision,
      step,
      rollout,
    }: {
      releaseId: string;
      model: string;
      revision: number;
      /** Where the canary began: guards count from there, also in later steps. */
      fromRevision: number | null;
      step: CanaryStep;
      rollout: RolloutSpec;
    }): Promise<StepAssessment> {
      const now = clock.now();
      const plan = await router.read({ model });
      const leaseLapsed = plan?.revision === revision && effectivePlan({ plan, now }).lapsed;
      const looks = (await readLooks({ store, releaseId })).map((one) => one.look);
      const { look, snapshots, challengerKeys } = await takeLook({
        ports,
        model,
        fromRevision: fromRevision ?? revision,
        at: now,
      });
      // A step that passed on the traffic of earlier ones would have shown nothing of its own share.
      const keys = challengerKeys.get(revision) ?? 0;
      const enough = keys >= step.minimumKeys && keys > 0;
      const minimum: Verdict = {
        ...plain,
        gate: 'minimum keys',
        verdict: keys === 0 ? 'unmeasured' : enough ? 'pass' : 'inconclusive',
        reason: `${keys} keys on the challenger under revision ${revision} ${enough ? '>=' : '<'} ${Math.max(step.minimumKeys, 1)}`,
        value: keys,
        limit: step.minimumKeys,
        n: keys,
      };
      const newest = Math.max(...snapshots.map((one) => Date.parse(one.at)), 0);
      const age = Date.parse(now) - newest;
      const freshness: Verdict = {
        ...plain,
        gate: 'telemetry',
        verdict: age <= staleMilliseconds ? 'pass' : 'unmeasured',
        reason:
          newest === 0
            ? 'no gateway has written telemetry'
            : `newest telemetry is ${Math.round(age / 1000)} s old, limit ${staleMilliseconds / 1000} s`,
        n: snapshots.length,
      };
      const { guards, alpha } = rollout.canary;
      const judged = guardJudge({ plan: { guards, alpha }, looks }).judge(look);
      const { limit, window } = rollout.slo.errorRate;
      const breaker = judgeBreaker({
        snapshots,
        buckets: ports.buckets,
        limit,
        windowMilliseconds: milliseconds(window),
        now,
      });
      // A guard that has not failed lets a step pass; only failing and not being measured at all stop it.
      const guardVerdicts = judged.verdicts.map((one): Verdict =>
        one.verdict === 'inconclusive' ? { ...one, verdict: 'pass' } : one,
      );
      const verdicts = [minimum, freshness, judgeSampleRatio({ look }), ...guardVerdicts, breaker];
      const verdict = worstVerdict(verdicts);
      const reason = verdicts
        .filter((one) => one.verdict === verdict)
        .map((one) => `${one.gate}: ${one.reason}`)
        .join('; ');
      // What a step passed on, or people are asked about, must be there to be read and recomputed.
      const evidence = await store.put({
        key: storeKeys.release({ releaseId, file: `canary/step-${revision}.json` }),
        body: Buffer.from(canonicalJson({ releaseId, revision, keys, look, verdicts, verdict })),
      });
      return { verdict, reason, verdicts, keys, leaseLapsed, evidenceDigest: evidence.sha256 };
    },

    /** The end of a bake. A first champion has no control, so only absolute limits can speak; that is said plainly. */
    async assessBake({
      releaseId,
      model,
      fromRevision,
      rollout,
      first,
    }: {
      releaseId: string;
      model: string;
      /** Where the canary began; null where there was none. */
      fromRevision: number | null;
      rollout: RolloutSpec;
      first: boolean;
    }): Promise<Verdict[]> {
      const now = clock.now();
      const looks = (await readLooks({ store, releaseId })).map((one) => one.look);
      const plan = await router.read({ model });
      const { look, snapshots } = await takeLook({
        ports,
        model,
        fromRevision: fromRevision ?? plan?.revision ?? 1,
        at: now,
      });
      const { limit, window } = rollout.slo.errorRate;
      const breaker = judgeBreaker({
        snapshots,
        buckets: ports.buckets,
        limit,
        windowMilliseconds: milliseconds(window),
        now,
        alone: first,
      });
      if (first)
        return [
          {
            ...plain,
            gate: 'bake',
            verdict: 'unmeasured',
            n: 0,
            reason: 'a first champion has no holdback to compare with; only absolute limits hold',
          },
          breaker,
        ];
      const { guards, alpha } = rollout.canary;
      const lease: Verdict[] =
        plan && effectivePlan({ plan, now }).lapsed
          ? [{ ...plain, gate: leaseGate, verdict: 'inconclusive', n: 0, reason: lapsedReason(plan) }]
          : [];
      return [...lease, ...guardJudge({ plan: { guards, alpha }, looks }).judge(look).verdicts, breaker];
    },
  };
}
