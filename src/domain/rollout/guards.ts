import { z } from 'zod';
import { verdictKinds, worstVerdict } from '../release/verdict.js';
import { formatNumber, formatShare } from '../statistics/format.js';
import type { GuardSpec } from '../spec/rollout-spec.js';
import { ratioInterval, usualIntervalAlpha } from './guard-interval.js';
import {
  advanceGuard,
  guardStateSchema,
  guardTest,
  startGuard,
  type GuardState,
  type GuardTest,
} from './guard-state.js';
import { lookSchema, type Look } from './looks.js';
import { lostCounts, lostCountsSchema, lostReason, nothingLost } from './lost-counts.js';

const armSchema = z.object({ keys: z.number().int().min(0), events: z.number().int().min(0) });

export const guardVerdictSchema = z.object({
  event: z.string(),
  verdict: z.enum(verdictKinds),
  reason: z.string(),
  /** The evidence of harm: at the look that decided, else at the last one. A guard fails when it reaches `threshold`. */
  eValue: z.number(),
  threshold: z.number(),
  /** For the ratio of challenger to champion rate, over all looks at once; `high` null where nothing bounds it. */
  ratioInterval: z.object({ level: z.number(), low: z.number(), high: z.number().nullable() }),
  /** Whether the interval shows that the challenger harms by less than the margin. */
  nonInferior: z.boolean(),
  challenger: armSchema,
  champion: armSchema,
  decidedAt: z.iso.datetime().nullable(),
});
export type GuardVerdict = z.infer<typeof guardVerdictSchema>;

export const guardsResultSchema = z.object({ verdict: z.enum(verdictKinds), guards: z.array(guardVerdictSchema) });
export type GuardsResult = z.infer<typeof guardsResultSchema>;

/** All guards of a canary between two looks; plain JSON. */
export const guardsStateSchema = z.object({
  startedAt: z.iso.datetime(),
  guards: z.array(guardStateSchema),
  last: lookSchema.nullable(),
  /** What the newest look lacks of `last`; nothing is judged by such a look. */
  lost: lostCountsSchema,
  /** Counts have gone back since `last`: when they are there again, it may be by others. */
  wentBack: z.boolean(),
});
export type GuardsState = z.infer<typeof guardsStateSchema>;

export interface GuardsPlan {
  guards: readonly GuardSpec[];
  /** Shared out by weight. */
  alpha: number;
  /** Two-sided level of the ratio intervals is 1 minus this; non-inferiority is shown at half of it. */
  intervalAlpha?: number;
  /** False runs the clock from the canary's start only. */
  clocks?: boolean;
}

/** Each guard's own part of alpha. */
export function guardAlphas({ guards, alpha }: Pick<GuardsPlan, 'guards' | 'alpha'>): number[] {
  const weight = guards.reduce((sum, guard) => sum + guard.weight, 0);
  return guards.map((guard) => (alpha * guard.weight) / weight);
}

const testsOf = (plan: GuardsPlan): GuardTest[] =>
  guardAlphas(plan).map((alpha, index) => guardTest({ ...plan.guards[index]!, alpha }));

/** The state before the first look. */
export function startGuards({ plan, startedAt }: { plan: GuardsPlan; startedAt: string }): GuardsState {
  const guards = testsOf(plan).map((test) => startGuard({ test, clocks: plan.clocks ?? true }));
  return { startedAt, guards, last: null, lost: nothingLost, wentBack: false };
}

/**
 * The state after one more look. The same looks in the same order give the same state, bit for bit. A look that lacks
 * what was counted before is not judged by: clocks stand on those counts, and without them evidence would come out of
 * nothing. When as much is counted again, the clocks that ran before are given up, since what they stand on may be gone
 * for good; what is counted from the start is part of all that happened, whoever's counts were lost.
 */
export function advanceGuards({
  plan,
  state,
  look,
}: {
  plan: GuardsPlan;
  state: GuardsState;
  look: Look;
}): GuardsState {
  const lost = lostCounts({ before: state.last, look });
  if (lost.revisions.length > 0) return { ...state, lost };
  if (lost.fewer.length > 0) return { ...state, lost, wentBack: true };
  const { wentBack } = state;
  const tests = testsOf(plan);
  const seconds = Math.max(0, (Date.parse(look.at) - Date.parse(state.startedAt)) / 1000);
  const keys = look.revisions.reduce((sum, { arms }) => sum + arms.champion.keys + arms.challenger.keys, 0);
  const guards = state.guards.map((guard, index) => {
    const { event } = plan.guards[index]!;
    const counts = look.revisions.map(({ revision, share, arms }) => ({
      revision,
      share,
      challenger: arms.challenger.events[event] ?? 0,
      champion: arms.champion.events[event] ?? 0,
    }));
    const repeated = look.revisions.reduce(
      (sum, { arms: { champion, challenger } }) =>
        sum + (champion.again?.[event] ?? 0) + (challenger.again?.[event] ?? 0),
      0,
    );
    return advanceGuard({ state: guard, test: tests[index]!, seconds, counts, keys, repeated, wentBack });
  });
  return { ...state, guards, last: look, lost, wentBack: false };
}

/** What the guards say after the last look. */
export function judgeGuards({ plan, state }: { plan: GuardsPlan; state: GuardsState }): GuardsResult {
  const tests = testsOf(plan);
  const guards = state.guards.map((guard, index) =>
    judgeGuard({
      spec: plan.guards[index]!,
      test: tests[index]!,
      guard,
      state,
      intervalAlpha: plan.intervalAlpha ?? usualIntervalAlpha,
    }),
  );
  return { verdict: worstVerdict(guards), guards };
}

/** What a guard lacks whose spec asks for non-inferiority before a step may pass; null where it asks for none, or has it. */
export function missingNonInferiority({ spec, verdict }: { spec: GuardSpec; verdict: GuardVerdict }): string | null {
  if (spec.nonInferiority !== true || verdict.nonInferior) return null;
  const { low, high } = verdict.ratioInterval;
  const [end, limit] =
    spec.direction === 'higher'
      ? [`a ratio of ${high === null ? 'any size' : formatNumber(high)}`, 1 + spec.margin]
      : [`a ratio of ${formatNumber(low)}`, 1 - spec.margin];
  return `${spec.event}: not shown to be within the margin of ${formatShare(spec.margin)}: ${end} is not excluded, limit ${formatNumber(limit)}`;
}

/** Looks from first to last, recomputed offline from what was stored. The canary begins at the first look. */
export function evaluateGuards({ looks, ...plan }: GuardsPlan & { looks: readonly Look[] }): GuardsResult {
  const startedAt = looks[0]?.at ?? new Date(0).toISOString();
  const state = looks.reduce(
    (before, look) => advanceGuards({ plan, state: before, look }),
    startGuards({ plan, startedAt }),
  );
  return judgeGuards({ plan, state });
}

function judgeGuard({
  spec,
  test,
  guard,
  state,
  intervalAlpha,
}: {
  spec: GuardSpec;
  test: GuardTest;
  guard: GuardState;
  state: GuardsState;
  intervalAlpha: number;
}): GuardVerdict {
  const { event, margin, direction } = spec;
  const revisions = state.last?.revisions ?? [];
  const total = (arm: 'champion' | 'challenger') => ({
    keys: revisions.reduce((sum, one) => sum + one.arms[arm].keys, 0),
    events: guard.counts.reduce((sum, one) => sum + one[arm], 0),
  });
  const facts = {
    event,
    eValue: Math.min(Number.MAX_VALUE, Math.exp(guard.decided?.logEvidence ?? guard.logEvidence)),
    threshold: Math.exp(test.logThreshold),
    ratioInterval: ratioInterval({ counts: guard.counts, alpha: intervalAlpha }),
    challenger: total('challenger'),
    champion: total('champion'),
  };
  const { low, high } = facts.ratioInterval;
  const nonInferior = direction === 'higher' ? high !== null && high < 1 + margin : low > 1 - margin;
  const comparable = revisions.some(
    ({ share, arms }) => share > 0 && share < 1 && arms.champion.keys > 0 && arms.challenger.keys > 0,
  );
  const seen = describe(facts);
  if (guard.decided) {
    const at = new Date(Date.parse(state.startedAt) + guard.decided.at * 1000).toISOString();
    const reason = `${event}: evidence ${formatNumber(facts.eValue)} >= ${formatNumber(facts.threshold)} that the challenger is ${direction} by more than ${formatShare(margin)}; ${seen}`;
    return { ...facts, nonInferior, verdict: 'fail', reason, decidedAt: at };
  }
  const gone = lostReason(state.lost);
  if (gone !== null)
    return { ...facts, nonInferior: false, verdict: 'unmeasured', reason: `${event}: ${gone}`, decidedAt: null };
  if (!comparable)
    return {
      ...facts,
      nonInferior,
      verdict: 'unmeasured',
      reason: `${event}: no keys on both arms to compare`,
      decidedAt: null,
    };
  // Without one report it is not known whether anybody reports: that is no pass, and no reason to hold either.
  if (direction === 'lower' && facts.challenger.events + facts.champion.events === 0)
    return {
      ...facts,
      nonInferior,
      verdict: 'inconclusive',
      reason: `${event}: none reported on either arm`,
      decidedAt: null,
    };
  const reason = `${event}: evidence of harm ${formatNumber(facts.eValue)} < ${formatNumber(facts.threshold)}; ${seen}`;
  return { ...facts, nonInferior, verdict: 'pass', reason, decidedAt: null };
}

function describe({
  ratioInterval: { level, low, high },
  challenger,
  champion,
}: Pick<GuardVerdict, 'ratioInterval' | 'challenger' | 'champion'>): string {
  const range = high === null ? `from ${formatNumber(low)}` : `${formatNumber(low)} to ${formatNumber(high)}`;
  return `challenger ${challenger.events} of ${challenger.keys} keys, champion ${champion.events} of ${champion.keys}, ratio ${range} (${formatNumber(level * 100)} % at every look)`;
}
