import type { Verdict } from '../../release/verdict.js';
import { logEvidenceAbove, logEvidenceBelow, meanAtAnyLook, tallyOf } from '../../statistics/betting.js';
import { formatDifference, formatNumber, formatShare } from '../../statistics/format.js';
import type { ShadowRow } from './shadow-row.js';

/** What the verdict goes by, as the spec has it. */
export interface ShadowLimits {
  minimumPairs: number;
  /** Chance of a wrong verdict, split over what may fail. */
  alpha: number;
  /** Largest share by which preferences may fall short of one half. */
  margin: number;
  /** Largest share by which failures of a kind may exceed the champion's. */
  rateMargin: number;
  /** Over this an answer is slow. */
  slowMilliseconds: number;
}

/** What a judge's preferences may do: decide, or be shown only, with the reason; null without a judge. */
export type JudgeRole = { decides: boolean; reason: string } | null;

const plain = { bound: null, evidence: null } as const;

type Flag = (facts: ShadowRow['champion'], limits: ShadowLimits) => boolean | null;

/** What may not become more frequent. Null is not measured. */
const harms: Readonly<Record<string, Flag>> = {
  'failed requests': ({ error }) => error !== null,
  'empty answers': ({ error, empty }) => (error === null ? empty : null),
  refusals: ({ error, refused }) => (error === null ? refused : null),
  'slow answers': ({ error, latencyMs }, { slowMilliseconds }) =>
    error !== null || latencyMs === null ? null : latencyMs > slowMilliseconds,
};

/**
 * One kind of failure, paired: in each pair the challenger fails alone (1), the champion alone (-1), or neither or both
 * (0). Harm is shown once the mean exceeds the margin at any look; nothing shows that there is none.
 */
function harmGate({
  name,
  rows,
  limits,
  alpha,
}: {
  name: string;
  rows: readonly ShadowRow[];
  limits: ShadowLimits;
  alpha: number;
}): Verdict {
  const flag = harms[name]!;
  const differences = rows.flatMap(({ champion, challenger }) => {
    const [theirs, ours] = [flag(champion, limits), flag(challenger, limits)];
    return theirs === null || ours === null ? [] : [Number(ours) - Number(theirs)];
  });
  const gate = `shadow: ${name}`;
  const n = differences.length;
  const limit = limits.rateMargin;
  if (n === 0) return { ...plain, gate, verdict: 'unmeasured', reason: 'no pair measures it', value: null, limit, n };
  const tally = tallyOf(differences.map((one) => (one + 1) / 2));
  const value = differences.reduce((sum, one) => sum + one, 0) / n;
  const failed = logEvidenceAbove({ tally, mean: (1 + limit) / 2 }) >= Math.log(1 / alpha);
  const more = differences.filter((one) => one > 0).length;
  const less = differences.filter((one) => one < 0).length;
  return {
    ...plain,
    gate,
    verdict: failed ? 'fail' : 'pass',
    reason: `the challenger alone in ${more}, the champion alone in ${less} of ${n} pairs; ${failed ? 'shown to be' : 'not shown to be'} more than ${formatShare(limit)} more`,
    value,
    limit,
    n,
  };
}

/**
 * The judge's preferences against one half less the margin, by one sequential test on each side: below it is a loss,
 * above it a win, and between them nothing was shown yet.
 */
function preferenceGate({
  rows,
  limits,
  alpha,
  judge,
}: {
  rows: readonly ShadowRow[];
  limits: ShadowLimits;
  alpha: number;
  judge: NonNullable<JudgeRole>;
}): Verdict {
  const values = rows.flatMap(({ preference }) => (preference === null ? [] : [preference]));
  const n = values.length;
  const limit = 0.5 - limits.margin;
  const common = {
    gate: 'shadow: preference',
    limit,
    n,
    evidence: null,
    ...(judge.decides ? {} : { informs: true as const }),
  };
  const missing = rows.find(({ preferenceReason }) => preferenceReason !== null)?.preferenceReason ?? null;
  if (n === 0)
    return { ...common, verdict: 'unmeasured', reason: missing ?? 'no pair was judged', value: null, bound: null };
  const tally = tallyOf(values);
  const value = values.reduce((sum, one) => sum + one, 0) / n;
  const { level, low, high } = meanAtAnyLook({ tally, level: 1 - limits.alpha });
  const lost = logEvidenceBelow({ tally, mean: limit }) >= Math.log(1 / alpha);
  const won = logEvidenceAbove({ tally, mean: limit }) >= Math.log(1 / limits.alpha);
  const verdict = lost ? 'fail' : won && n >= limits.minimumPairs ? 'pass' : 'inconclusive';
  const said = `mean preference ${formatNumber(value)} of ${n} pairs judged blind in both orders (${formatNumber(level * 100)} % at any look: ${formatNumber(low)} to ${formatNumber(high)})`;
  const against = lost ? 'shown to be under' : won ? 'shown to be over' : 'not told apart from';
  const reasons = [
    `${said}, ${against} ${formatNumber(limit)}`,
    ...(missing === null ? [] : [`${rows.length - n} pairs without a judgement: ${missing}`]),
    ...(judge.decides ? [] : [`it decides nothing: ${judge.reason}`]),
  ];
  return { ...common, verdict, reason: reasons.join('; '), value, bound: value >= limit ? low : high };
}

/**
 * What the pairs show, by gate. Only the first pair of each sticky key counts. What fails does so at any look; the
 * chance that anything fails though nothing is wrong is at most alpha, over all gates and looks together.
 */
export function shadowGates({
  rows,
  limits,
  judge,
}: {
  rows: readonly ShadowRow[];
  limits: ShadowLimits;
  judge: JudgeRole;
}): Verdict[] {
  const counted = rows.filter((row) => row.counted);
  const names = Object.keys(harms);
  const alpha = limits.alpha / (names.length + Number(judge?.decides ?? false));
  const n = counted.length;
  const enough = n >= limits.minimumPairs;
  return [
    {
      ...plain,
      gate: 'shadow: pairs',
      verdict: n === 0 ? 'unmeasured' : enough ? 'pass' : 'inconclusive',
      reason: `${n} pairs of different keys (${rows.length} in all) ${enough ? '>=' : '<'} ${limits.minimumPairs}`,
      value: n,
      limit: limits.minimumPairs,
      n,
    },
    ...names.map((name) => harmGate({ name, rows: counted, limits, alpha })).map(informWhereUnmeasured(n)),
    ...(judge === null ? [] : [preferenceGate({ rows: counted, limits, alpha, judge })]),
    ...changes(counted),
  ];
}

/** Streams have no latency of their own and a release that answers nothing has no empty answers: that is told only. */
const informWhereUnmeasured =
  (pairs: number) =>
  (verdict: Verdict): Verdict =>
    verdict.verdict === 'unmeasured' && pairs > 0 ? { ...verdict, informs: true } : verdict;

/** How the answers changed, which is neither good nor bad by itself. */
function changes(rows: readonly ShadowRow[]): Verdict[] {
  const answered = rows.filter(({ champion, challenger }) => champion.error === null && challenger.error === null);
  const n = answered.length;
  if (n === 0) return [];
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  const words = (arm: 'champion' | 'challenger'): number => mean(answered.map((row) => row[arm].words));
  const similarity = mean(answered.map((row) => row.similarity ?? 0));
  const told = { ...plain, verdict: 'pass', limit: null, n, informs: true } as const;
  const [theirs, ours] = [words('champion'), words('challenger')];
  return [
    {
      ...told,
      gate: 'shadow: length',
      value: ours,
      reason: `${formatNumber(ours)} words on average, the champion's ${formatNumber(theirs)} (${formatDifference(ours - theirs)})`,
    },
    {
      ...told,
      gate: 'shadow: similarity',
      value: similarity,
      reason: `word overlap with the champion's answer ${formatNumber(similarity)} on average; the same words are 1`,
    },
  ];
}
