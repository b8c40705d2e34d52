import type { JudgeStanding } from '../evaluation/judge-standing.js';
import type { BoundedMean } from '../statistics/bounded-mean.js';
import type { JudgedPair } from '../statistics/compare-rectified.js';
import { floors } from '../statistics/floors.js';
import { clusterOf, type Pair, type ScoredCase } from '../statistics/paired-cases.js';
import { correctRate, type JudgedLabels } from '../statistics/rogan-gladen.js';
import { sha256Hex } from './evidence.js';
import type { Verdict } from './verdict.js';

/** What a person said of one arm's answer to a case, on the judge's scale. */
export interface LabelledScore {
  id: string;
  arm: 'champion' | 'challenger';
  score: number;
}

/** A metric that a judge scores, and what is known of the judge. */
export interface JudgedMetric extends JudgeStanding {
  /** People's scores of both arms' answers to a random part of the cases. */
  labels: readonly LabelledScore[];
  /** The calibration's labels, by which absolute yes/no rates are corrected; null where there are none. */
  calibration: JudgedLabels | null;
  /** What the calibrated judge judges otherwise than people do, such as long answers. */
  favours?: readonly string[] | undefined;
  /** Cases that both arms answered with the same words, where people labelled answers. */
  unchanged?: readonly string[] | undefined;
}

/** A verdict of a judge that may only inform is no verdict: it shows what the judge says and holds. */
export function informOnly({ verdict, judged }: { verdict: Verdict; judged: JudgedMetric }): Verdict {
  const reason = `the judge informs only, ${judged.reason}; it says: ${verdict.reason}`;
  return { ...verdict, verdict: 'unmeasured', reason };
}

/** What a verdict rests on where no label speaks for itself. */
export const takenAsCalibrated = ({ standing, reason }: JudgeStanding): string =>
  standing === 'allowed'
    ? `rests on the judge alone: ${reason}`
    : 'rests on the judge as calibrated: that it errs alike on both arms and as it did on the labels';

/**
 * The pairs with their labels, or null where too few carry one on both arms for labels to decide; then the judge's own
 * standing does. Labels must be of a random part of the cases. A label is of an answer's words, so that labels of earlier
 * evaluations still count for answers that did not change, and for no others: of these only as large a part is taken as
 * people labelled of those that changed. Else cases on which nothing differs would speak for those where the judge errs.
 */
export function labelPairs({
  pairs,
  labels,
  unchanged = [],
}: {
  pairs: readonly Pair[];
  labels: readonly LabelledScore[];
  unchanged?: readonly string[] | undefined;
}): JudgedPair[] | null {
  const by = (arm: LabelledScore['arm']): Map<string, number> =>
    new Map(labels.flatMap((one) => (one.arm === arm ? [[one.id, one.score] as const] : [])));
  const [champion, challenger] = [by('champion'), by('challenger')];
  const judged = pairs.map((pair): JudgedPair => {
    const [ours, theirs] = [challenger.get(pair.id), champion.get(pair.id)];
    const label = ours === undefined || theirs === undefined ? null : { champion: theirs, challenger: ours };
    return { ...pair, label };
  });
  const fair = asManyOfBoth({ judged, unchanged: new Set(unchanged) });
  const labelled = fair.filter((pair) => pair.label !== null);
  const clusters = new Set(labelled.map((pair) => pair.cluster)).size;
  return labelled.length >= floors.untiedCases && clusters >= floors.clusters ? fair : null;
}

/** Leaves out labels of unchanged answers until they are no larger a part than those of changed ones, in an order that no score knows. */
function asManyOfBoth({
  judged,
  unchanged,
}: {
  judged: readonly JudgedPair[];
  unchanged: ReadonlySet<string>;
}): JudgedPair[] {
  const changed = judged.filter(({ id }) => !unchanged.has(id));
  if (changed.length === 0) return [...judged];
  const share = changed.filter(({ label }) => label !== null).length / changed.length;
  const known = judged.filter(({ id, label }) => unchanged.has(id) && label !== null);
  const most = Math.round(share * (judged.length - changed.length));
  const ordered = known
    .map(({ id }) => ({ id, place: sha256Hex(`label ${id}`) }))
    .sort((one, other) => (one.place < other.place ? -1 : 1));
  const left = new Set(ordered.slice(most).map(({ id }) => id));
  return judged.map((pair) => (left.has(pair.id) ? { ...pair, label: null } : pair));
}

/**
 * The mean of a yes/no metric put right for what the judge gets wrong; a text where it is refused, null where the metric
 * is no yes/no metric or the calibration carries no labels.
 */
export function correctedMean({
  cases,
  mean,
  judged,
  alpha,
  seed,
  resamples,
}: {
  cases: readonly ScoredCase[];
  mean: BoundedMean;
  judged: JudgedMetric;
  alpha: number;
  seed: number;
  resamples?: number;
}): { mean: BoundedMean; reason: string } | { refused: string } | null {
  const scored = cases.filter((one) => one.score !== null);
  if (judged.calibration === null || !scored.every(({ score }) => score === 0 || score === 1)) return null;
  const { rate, interval, reason } = correctRate({
    cases: scored.map((one) => ({ cluster: clusterOf(one), yes: one.score === 1 })),
    labels: judged.calibration,
    alpha,
    seed,
    ...(resamples === undefined ? {} : { resamples }),
  });
  return rate === null ? { refused: reason } : { mean: { ...mean, mean: rate, interval, method: 'score' }, reason };
}
