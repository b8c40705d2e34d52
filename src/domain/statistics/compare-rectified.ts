import { defaultResamples } from './cluster-bootstrap.js';
import { newestRules, type Rules } from '../release/rules.js';
import {
  checkClaim,
  contrastOf,
  isScaled,
  isTied,
  pValueWords,
  sizeInPoints,
  wordsOf,
  type Claim,
} from './contrast.js';
import { floors } from './floors.js';
import { formatDifference, formatInterval, formatNumber } from './format.js';
import { intervalOf, pValueOf, type Interval, type MeanInference } from './mean-inference.js';
import type { Pair } from './paired-cases.js';
import { smallestEffectOf } from './power-plan.js';
import { rectifiedBootstrap, type RectifiedCluster, type RectifiedMean } from './rectified-bootstrap.js';
import type { StudentError } from './unequal-clusters.js';
import { unequalLabels, type RectifiedSquares } from './unequal-labels.js';

/** A case as the judge scored it on both arms, and as a person did where it was drawn for labelling. */
export interface JudgedPair extends Pair {
  label: { champion: number; challenger: number } | null;
}

export interface RectifiedComparison {
  n: number;
  labelled: number;
  clusters: number;
  labelledClusters: number;
  /** How much the judge counts beside the labels, 0 to 1. */
  weight: number;
  champion: number;
  challenger: number;
  /** Challenger minus champion, rectified; `judgeDifference` is what the judge alone says. */
  difference: number;
  interval: Interval;
  judgeDifference: number;
  contrast: { estimate: number; low: number; high: number; boundary: number };
  pValue: number;
  verdict: 'pass' | 'fail' | 'inconclusive';
  reason: string;
  /** The smallest effect these labels show, and the labels that the claim's size needs; null where none would do. */
  power: { smallestEffect: number; labelsNeeded: number | null };
}

/**
 * Champion against challenger by a judge, put right by people's labels of both arms' answers to a random part of the
 * same cases (prediction-powered inference: see `rectifiedBootstrap`). What holds of the claim is decided as in
 * `comparePaired`, whatever the judge favours. Under 20 labelled clusters, or 30 labelled cases on which people or judge
 * see a difference, it is `inconclusive`.
 * @param pairs scores of judge and people on the same scale.
 * @param rules of a recorded decision; those before 4 counted clusters as equal.
 * @throws RangeError without a label, or for a claim that means nothing.
 */
export function compareRectified({
  pairs,
  claim,
  alpha,
  seed,
  resamples = defaultResamples,
  cautious = false,
  rules = newestRules,
}: {
  pairs: readonly JudgedPair[];
  claim: Claim;
  alpha: number;
  seed: number;
  resamples?: number;
  cautious?: boolean;
  rules?: Rules;
}): RectifiedComparison {
  checkClaim(claim);
  const level = 1 - alpha;
  const infer = (value: (pair: Pair) => number, draws = resamples): Rectified => {
    const { clusters, squares } = clustersOf({ pairs, value });
    const mean = rectifiedBootstrap({ clusters, seed, resamples: draws });
    const known = rules >= 4 && mean.labelledClusters > 2 && mean.standardError > 0;
    return known ? { ...mean, student: studentOf({ mean, clusters, squares }) } : mean;
  };
  const { value, boundary } = contrastOf(claim);
  const rectified = infer(value);
  const isPlain = !isScaled(claim) && claim.better === 'higher';
  const difference = isPlain ? rectified : infer((pair) => pair.challenger - pair.champion);
  const mean = inferenceOf({ rectified, cautious });
  const { low, high } = finite(intervalOf({ mean, level }));
  const labelled = pairs.filter((pair) => pair.label !== null);
  const champion = infer((pair) => pair.champion, 0).estimate;
  const facts = {
    n: pairs.length,
    labelled: labelled.length,
    clusters: rectified.clusters,
    labelledClusters: rectified.labelledClusters,
    weight: rectified.weight,
    champion,
    challenger: champion + difference.estimate,
    difference: difference.estimate,
    interval: finite(intervalOf({ mean: inferenceOf({ rectified: difference, cautious }), level })),
    judgeDifference: pairs.reduce((sum, pair) => sum + pair.challenger - pair.champion, 0) / pairs.length,
    contrast: { estimate: rectified.estimate, low, high, boundary },
    pValue: pValueOf({ mean, value: boundary }),
  };
  const informative = labelled.filter((pair) => !isTied(pair) || !isTied(pair.label!)).length;
  const floor = underLabelFloors({ clusters: facts.labelledClusters, informative });
  const { standardError, degrees } = rectified.student ?? {
    ...{ standardError: rectified.standardError, degrees: Math.max(1, facts.labelledClusters - 1) },
  };
  const smallestEffect = smallestEffectOf({ standardError, degrees, alpha });
  const effect = claim.size > 0 ? sizeInPoints(claim, champion) : Math.abs(rectified.estimate - boundary);
  const power = { smallestEffect, labelsNeeded: labelsFor({ labelled: labelled.length, smallestEffect, effect }) };
  const decided = low > boundary ? 'pass' : high < boundary ? 'fail' : 'inconclusive';
  const verdict = floor === null ? decided : 'inconclusive';
  return { ...facts, power, verdict, reason: explain({ facts, claim, verdict, floor, power, effect, rules }) };
}

/** A rectified mean, and what Student's interval of it rests on by rules that look at the sizes of clusters. */
type Rectified = RectifiedMean & { student?: StudentError };

/** The weight is one more number that the labelled clusters had to give. */
function studentOf({
  mean: { weight, labelledClusters },
  ...given
}: {
  mean: RectifiedMean;
  clusters: readonly RectifiedCluster[];
  squares: RectifiedSquares;
}): StudentError {
  const { standardError, degrees } = unequalLabels({ ...given, weight });
  const correction = Math.sqrt((labelledClusters - 1) / (labelledClusters - 2));
  return { standardError: standardError * correction, degrees: Math.max(1, degrees - 1) };
}

function clustersOf({ pairs, value }: { pairs: readonly JudgedPair[]; value: (pair: Pair) => number }): {
  clusters: RectifiedCluster[];
  squares: RectifiedSquares;
} {
  const clusters = new Map<string, RectifiedCluster>();
  const squares: RectifiedSquares = { label: 0, cross: 0, judgeLabelled: 0, judgeUnlabelled: 0 };
  for (const pair of pairs) {
    const sums = clusters.get(pair.cluster) ?? {
      ...{ label: 0, judgeLabelled: 0, labelled: 0, judgeUnlabelled: 0, unlabelled: 0 },
    };
    const judge = value(pair);
    if (pair.label === null) {
      sums.judgeUnlabelled += judge;
      sums.unlabelled += 1;
      squares.judgeUnlabelled += judge * judge;
    } else {
      const label = value({ ...pair, ...pair.label });
      sums.label += label;
      sums.judgeLabelled += judge;
      sums.labelled += 1;
      squares.label += label * label;
      squares.cross += label * judge;
      squares.judgeLabelled += judge * judge;
    }
    clusters.set(pair.cluster, sums);
  }
  return { clusters: [...clusters.values()], squares };
}

/** Only labelled clusters say how far the judge is off: Student's degrees are theirs, less one for the weight. */
function inferenceOf({ rectified, cautious }: { rectified: Rectified; cautious: boolean }): MeanInference {
  const { labelledClusters, student } = rectified;
  const carrying = student === undefined ? labelledClusters : student.degrees + 2;
  return { ...rectified, clusters: labelledClusters - 1, small: cautious || carrying < 50 };
}

const finite = ({ level, low, high }: Interval): Interval => ({
  level,
  low: Math.max(-Number.MAX_VALUE, low),
  high: Math.min(Number.MAX_VALUE, high),
});

function underLabelFloors({ clusters, informative }: { clusters: number; informative: number }): string | null {
  const short = [
    ...(clusters < floors.clusters ? [`${clusters} labelled clusters < ${floors.clusters}`] : []),
    ...(informative < floors.untiedCases
      ? [`${informative} labelled cases with a difference < ${floors.untiedCases}`]
      : []),
  ];
  return short.length === 0 ? null : short.join(' and ');
}

/** The error of a rectified mean is, for the most part, that of the labels: it falls with the root of their number. */
function labelsFor({
  labelled,
  smallestEffect,
  effect,
}: {
  labelled: number;
  smallestEffect: number;
  effect: number;
}): number | null {
  const needed = Math.ceil(labelled * (smallestEffect / effect) ** 2 - 1e-9);
  return effect > 0 && Number.isSafeInteger(needed) ? Math.max(floors.untiedCases, needed) : null;
}

function explain({
  facts,
  claim,
  verdict,
  floor,
  power,
  effect,
  rules,
}: {
  facts: Omit<RectifiedComparison, 'verdict' | 'reason' | 'power'>;
  claim: Claim;
  verdict: RectifiedComparison['verdict'];
  floor: string | null;
  power: RectifiedComparison['power'];
  effect: number;
  rules: Rules;
}): string {
  const { pValue, n, labelled, labelledClusters } = facts;
  const says = { pass: 'yes', fail: 'no', inconclusive: 'not shown' }[verdict];
  const seen = `challenger ${formatNumber(facts.challenger)} against champion ${formatNumber(facts.champion)}, difference ${formatDifference(facts.difference)} (${formatInterval(facts.interval)}, ${pValueWords({ pValue, claim, rules })}) by ${labelled} labels in ${labelledClusters} clusters and the judge's scores of ${n} cases; the judge alone says ${formatDifference(facts.judgeDifference)}`;
  const head = `${wordsOf(claim)}: ${floor === null ? says : `too little to decide, ${floor}`}; ${seen}`;
  const more = (power.labelsNeeded ?? 0) - labelled;
  return verdict === 'inconclusive' && more > 0
    ? `${head}; needs about ${more} more labels to see ${formatNumber(effect)}`
    : head;
}
