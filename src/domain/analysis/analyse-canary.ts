import { z } from 'zod';
import { verdictKinds, worstVerdict } from '../release/verdict.js';
import { breakerSchema, type BreakerVerdict } from '../rollout/breaker.js';
import { ratioInterval, usualIntervalAlpha } from '../rollout/guard-interval.js';
import { guardTest, type GuardTest } from '../rollout/guard-state.js';
import { guardAlphas } from '../rollout/guards.js';
import { sampleRatio, sampleRatioSchema } from '../rollout/sample-ratio.js';
import type { Arm } from '../rollout/traffic-plan.js';
import type { GuardSpec } from '../spec/rollout-spec.js';
import { formatNumber, formatShare } from '../statistics/format.js';
import { guardsFor, happened, type CanaryEvent } from './canary-event.js';
import { guardTally, type GuardTally, type Place } from './canary-tally.js';
import { breakerWindow } from './canary-window.js';

const placeSchema = z.object({ row: z.number().int().min(1), t: z.number() });
const armSchema = z.object({ keys: z.number().int().min(0), events: z.number().int().min(0) });

/** What `understudy analyse canary` prints. */
export const canaryAnalysisSchema = z.object({
  verdict: z.enum(verdictKinds),
  guards: z.array(
    z.object({
      event: z.string(),
      verdict: z.enum(verdictKinds),
      reason: z.string(),
      eValue: z.number(),
      threshold: z.number(),
      ratioInterval: z.object({ level: z.number(), low: z.number(), high: z.number().nullable() }),
      decidedAt: placeSchema.nullable(),
      challenger: armSchema,
      champion: armSchema,
    }),
  ),
  breakers: z.array(breakerSchema.extend({ decidedAt: placeSchema.nullable() })),
  sampleRatio: sampleRatioSchema,
});
export type CanaryAnalysis = z.infer<typeof canaryAnalysisSchema>;

/** Fewer keys on the challenger than this are too few for a pass. */
const minimumKeys = 50;

/**
 * A canary from its events, row by row as the gateway saw them: every row is a look. Rows of the same share are one
 * revision, wherever they stand.
 * @param slo milliseconds over which an answer is slow; null watches no slow answers.
 * @param margin for the guards on more events; null for each event's own.
 * @param limits absolute limits by event (`error`, `slow` or own), shares from 0 to 1; none trips where none is named.
 * @param guards instead of those that the rows suggest.
 */
export function analyseCanary({
  rows,
  alpha = 0.01,
  slo = 450,
  margin = null,
  limits = {},
  guards = guardsFor({ rows, slo, margin }),
  clocks = true,
}: {
  rows: readonly CanaryEvent[];
  alpha?: number;
  slo?: number | null;
  margin?: number | null;
  limits?: Record<string, number>;
  guards?: readonly GuardSpec[];
  clocks?: boolean;
}): CanaryAnalysis {
  const shares: number[] = [];
  const revisionOf = new Map<number, number>();
  const keysByRevision: Record<Arm, Set<string>>[] = [];
  const seen = new Set<string>();
  const alphas = guardAlphas({ guards, alpha });
  const watched = guards.map((spec, index) => {
    const test = guardTest({ ...spec, alpha: alphas[index]! });
    return { spec, test, tally: guardTally({ test, shares, clocks }) };
  });
  const breakers = Object.entries(limits).map(([event, limit]) => ({
    event,
    window: breakerWindow({ event, limit }),
    tripped: null as { verdict: BreakerVerdict; at: Place } | null,
  }));

  rows.forEach((row, index) => {
    const { t, key, arm, share } = row;
    let revision = revisionOf.get(share);
    if (revision === undefined) {
      revision = shares.push(share) - 1;
      revisionOf.set(share, revision);
      keysByRevision.push({ champion: new Set(), challenger: new Set() });
    }
    const keys = keysByRevision[revision]!;
    if (!keys.champion.has(key) && !keys.challenger.has(key)) keys[arm].add(key);
    seen.add(key);
    const place = { row: index + 1, t };
    for (const { spec, tally } of watched)
      if (happened({ row, event: spec.event, slo }))
        tally.add({ place, seconds: t - rows[0]!.t, key, arm, revision, keys: seen.size });
    for (const breaker of breakers) {
      const verdict = breaker.window.add({ at: t, key, arm, happened: happened({ row, event: breaker.event, slo }) });
      if (verdict === 'fail') breaker.tripped ??= { verdict: breaker.window.judge(), at: place };
    }
  });

  const ratio = sampleRatio({
    revisions: shares.map((share, revision) => ({
      revision,
      share,
      champion: keysByRevision[revision]!.champion.size,
      challenger: keysByRevision[revision]!.challenger.size,
    })),
  });
  const keys = { champion: unionSize(keysByRevision, 'champion'), challenger: unionSize(keysByRevision, 'challenger') };
  const judged = watched.map((one) => judge({ ...one, keys, broken: ratio.verdict !== 'pass' ? ratio.reason : null }));
  const limitsJudged = breakers.map(({ window, tripped }) =>
    tripped ? { ...tripped.verdict, decidedAt: tripped.at } : { ...untripped(window.judge()), decidedAt: null },
  );
  return {
    verdict: worstVerdict([...judged, ...limitsJudged, ratio]),
    guards: judged,
    breakers: limitsJudged,
    sampleRatio: ratio,
  };
}

/** What a limit that never tripped says of the whole file: only an outage that both arms share, and that lasts, holds. */
const untripped = (last: BreakerVerdict): BreakerVerdict =>
  last.sharedOutage
    ? last
    : { ...last, verdict: 'pass', reason: `never over ${formatShare(last.limit)} on the challenger alone` };

function unionSize(revisions: readonly Record<Arm, Set<string>>[], arm: Arm): number {
  const all = new Set<string>();
  for (const keys of revisions) for (const key of keys[arm]) all.add(key);
  return all.size;
}

function judge({
  spec,
  test,
  tally,
  keys,
  broken,
}: {
  spec: GuardSpec;
  test: GuardTest;
  tally: GuardTally;
  keys: Record<Arm, number>;
  broken: string | null;
}): CanaryAnalysis['guards'][number] {
  const { state, counts, decidedAt } = tally.result();
  const events = (arm: Arm): number => counts.reduce((sum, one) => sum + one[arm], 0);
  const facts = {
    event: spec.event,
    eValue: Math.min(Number.MAX_VALUE, Math.exp(state.decided?.logEvidence ?? state.logEvidence)),
    threshold: Math.exp(test.logThreshold),
    ratioInterval: ratioInterval({ counts, alpha: usualIntervalAlpha }),
    decidedAt,
    challenger: { keys: keys.challenger, events: events('challenger') },
    champion: { keys: keys.champion, events: events('champion') },
  };
  const seen = `challenger ${facts.challenger.events} of ${keys.challenger} keys, champion ${facts.champion.events} of ${keys.champion}`;
  const say = (verdict: CanaryAnalysis['verdict'], reason: string) => ({ ...facts, verdict, reason });
  if (broken !== null) return say('unmeasured', `${broken}; ${seen}`);
  if (decidedAt)
    return say(
      'fail',
      `evidence ${formatNumber(facts.eValue)} >= ${formatNumber(facts.threshold)} that the challenger is ${spec.direction} by more than ${formatShare(spec.margin)}; ${seen}`,
    );
  const small = keys.challenger < minimumKeys;
  const reason = `evidence of harm ${formatNumber(facts.eValue)} < ${formatNumber(facts.threshold)}; ${seen}`;
  return small ? say('inconclusive', `${reason}; ${keys.challenger} keys < ${minimumKeys}`) : say('pass', reason);
}
