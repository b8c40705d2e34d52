import type { Assessment, StepAssessment } from '../contracts/watch.js';
import { canonicalJson } from '../domain/release/evidence.js';
import { worstVerdict, type Verdict } from '../domain/release/verdict.js';
import { effectivePlan, type TrafficPlan } from '../domain/rollout/traffic-plan.js';
import type { CanaryStep, RolloutSpec } from '../domain/spec/rollout-spec.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { sampleVerdict } from '../domain/rollout/bad-answers/sample-verdict.js';
import type { GuardsPlan } from '../domain/rollout/guards.js';
import type { Look } from '../domain/rollout/looks.js';
import { readAnswerSample } from './bad-answers/answer-sampler.js';
import { isAnswerSampled } from './bad-answers/sample-watch.js';
import { breakerVerdict, breakerWindows } from './breaker-reading.js';
import { stepKey, type BreakerWindows, type StepEvidence } from './canary-evidence.js';
import type { Clock } from './clock.js';
import { judgeFreshness } from './freshness.js';
import { guardJudge, judgeSampleRatio } from './guard-judgement.js';
import { lookingAgain } from './look-again.js';
import { readLooks } from './look-log.js';
import { judgeMetricsBreaker } from './metrics-breaker.js';
import type { Ports } from './ports.js';
import { takeLook } from './telemetry-reading.js';

const lapsedReason = ({ revision, lease }: TrafficPlan): string =>
  `the lease of plan revision ${revision} lapsed at ${lease?.until}; the old champion has served alone since`;

const plain = { value: null, bound: null, limit: null, evidence: null } as const;

/** A guard that has not failed lets a step pass, unless its spec wants more shown. */
const notFailed = (one: Verdict): Verdict => (one.verdict === 'inconclusive' ? { ...one, verdict: 'pass' } : one);

/** Whether the challenger has answered enough people under a step's own revision. */
export function minimumKeysVerdict({
  keys,
  minimumKeys,
  revision,
}: {
  keys: number;
  minimumKeys: number;
  revision: number;
}): Verdict {
  const enough = keys >= minimumKeys && keys > 0;
  return {
    ...plain,
    gate: 'minimum keys',
    verdict: keys === 0 ? 'unmeasured' : enough ? 'pass' : 'inconclusive',
    reason: `${keys} keys on the challenger under revision ${revision} ${enough ? '>=' : '<'} ${Math.max(minimumKeys, 1)}`,
    value: keys,
    limit: minimumKeys,
    n: keys,
  };
}

/** What the guards say of a step: after the looks of the watcher, one more. It holds until what the spec wants shown is. */
export const stepGuards = ({
  plan,
  looks,
  look,
}: {
  plan: GuardsPlan;
  looks: readonly Look[];
  look: Look;
}): Verdict[] => {
  const { verdicts, missing } = guardJudge({ plan, looks }).judge(look);
  return verdicts.map((one, index) => {
    const passed = notFailed(one);
    const reason = missing[index];
    return passed.verdict !== 'pass' || reason == null ? passed : { ...passed, verdict: 'inconclusive', reason };
  });
};

/** Whether a canary step or a bake may pass, from the telemetry as it is now. */
export function createStepActivities(
  ports: Pick<Ports, 'store' | 'router' | 'telemetry' | 'metrics' | 'buckets'> & { clock: Clock },
) {
  const { store, router, clock } = ports;

  /** The worst verdict with its reasons. What it rests on must be there to be read, asked about and recomputed. */
  async function conclude({
    verdicts,
    ...found
  }: Omit<StepEvidence, 'verdict' | 'looks' | 'windows' | 'alone'> & {
    looks: number;
    windows: BreakerWindows;
    alone?: boolean;
  }): Promise<Omit<Assessment, 'leaseLapsed'>> {
    const verdict = worstVerdict(verdicts);
    const reason = verdicts
      .filter((one) => one.verdict === verdict)
      .map((one) => `${one.gate}: ${one.reason}`)
      .join('; ');
    const evidence = await store.put({
      key: stepKey(found),
      body: Buffer.from(canonicalJson({ ...found, verdicts, verdict } satisfies StepEvidence)),
    });
    return { verdict, reason, verdicts, evidenceDigest: evidence.sha256 };
  }

  /** Whether the sample that a guard on bad answers rests on says anything; nothing where there is no such guard. */
  async function sampleVerdicts({
    releaseId,
    rollout,
    revision,
    now,
  }: {
    releaseId: string;
    rollout: RolloutSpec;
    revision: number;
    now: string;
  }): Promise<Verdict[]> {
    if (!isAnswerSampled(rollout.canary)) return [];
    return [sampleVerdict({ sample: await readAnswerSample({ store, releaseId }), revision, now })];
  }

  const once = {
    assessStep: async ({
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
    }): Promise<StepAssessment> => {
      const now = clock.now();
      const plan = await router.read({ model });
      const leaseLapsed = plan?.revision === revision && effectivePlan({ plan, now }).lapsed;
      const looks = (await readLooks({ store, releaseId })).map((one) => one.look);
      const { look, snapshots, corrupt, challengerKeys } = await takeLook({
        ports,
        model,
        fromRevision: fromRevision ?? revision,
        at: now,
      });
      // A step that passed on the traffic of earlier ones would have shown nothing of its own share.
      const keys = challengerKeys.get(revision) ?? 0;
      const minimum = minimumKeysVerdict({ keys, minimumKeys: step.minimumKeys, revision });
      const freshness = judgeFreshness({
        snapshots,
        corrupt,
        revision,
        now,
        leaseMilliseconds: milliseconds(rollout.lease),
      });
      const { guards, alpha } = rollout.canary;
      const judged = stepGuards({ plan: { guards, alpha }, looks, look });
      const { limit, window } = rollout.slo.errorRate;
      const limits = { limit, windowMilliseconds: milliseconds(window), now };
      const windows = breakerWindows({ ...limits, snapshots, buckets: ports.buckets });
      const breaker = breakerVerdict({ windows, limit });
      const { metrics } = ports;
      const since = fromRevision ?? revision;
      const monitored = metrics ? [await judgeMetricsBreaker({ ...limits, metrics, model, fromRevision: since })] : [];
      const verdicts = [
        ...[minimum, freshness, judgeSampleRatio({ look })],
        ...(await sampleVerdicts({ releaseId, rollout, revision, now })),
        ...[...judged, breaker, ...monitored],
      ];
      return {
        ...(await conclude({ releaseId, revision, look, verdicts, keys, windows, looks: looks.length })),
        keys,
        leaseLapsed,
      };
    },

    /**
     * The end of a bake. A first champion has no control, so only absolute limits can speak; that is said plainly, and
     * nothing but a broken limit keeps it from passing.
     */
    assessBake: async ({
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
    }): Promise<Assessment> => {
      const now = clock.now();
      const looks = (await readLooks({ store, releaseId })).map((one) => one.look);
      const plan = await router.read({ model });
      const revision = plan?.revision ?? 1;
      const { look, snapshots, corrupt } = await takeLook({
        ports,
        model,
        fromRevision: fromRevision ?? revision,
        at: now,
      });
      const { limit, window } = rollout.slo.errorRate;
      const windows = breakerWindows({
        snapshots,
        buckets: ports.buckets,
        windowMilliseconds: milliseconds(window),
        now,
      });
      const breaker = breakerVerdict({ windows, limit, alone: first });
      const found = { releaseId, revision, look, keys: null, windows, looks: looks.length };
      if (first) {
        const alone: Verdict = {
          ...plain,
          gate: 'bake',
          verdict: 'unmeasured',
          n: 0,
          reason: 'a first champion has no holdback to compare with; only absolute limits hold',
        };
        const concluded = await conclude({ ...found, verdicts: [alone, breaker], alone: true });
        const verdict = breaker.verdict === 'fail' ? 'fail' : 'pass';
        return { ...concluded, verdict, reason: breaker.reason, leaseLapsed: false };
      }
      const { guards, alpha } = rollout.canary;
      const leaseLapsed = plan !== null && effectivePlan({ plan, now }).lapsed;
      const lease: Verdict[] = leaseLapsed
        ? [{ ...plain, gate: 'lease', verdict: 'inconclusive', n: 0, reason: lapsedReason(plan) }]
        : [];
      const verdicts = [
        ...lease,
        judgeFreshness({ snapshots, corrupt, revision, now, leaseMilliseconds: milliseconds(rollout.lease) }),
        judgeSampleRatio({ look }),
        ...(await sampleVerdicts({ releaseId, rollout, revision, now })),
        ...stepGuards({ plan: { guards, alpha }, looks, look }),
        breaker,
      ];
      return { ...(await conclude({ ...found, verdicts })), leaseLapsed };
    },
  };
  return { assessStep: lookingAgain(once.assessStep), assessBake: lookingAgain(once.assessBake) };
}
