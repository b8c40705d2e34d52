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
import { casesForFloors, underFloors } from './floors.js';
import { formatDifference, formatInterval, formatNumber } from './format.js';
import { exactMcNemar, type McNemar } from './mcnemar.js';
import { inferMean, intervalOf, pValueOf, type Interval, type MeanInference } from './mean-inference.js';
import { sumByCluster, type Pair, type PairedCases } from './paired-cases.js';
import { casesFor, smallestEffectOf, unknownPower, type Power } from './power-plan.js';

export interface Comparison {
  n: number;
  clusters: number;
  /** Cases on which the arms differ. */
  untied: number;
  champion: number;
  challenger: number;
  /** Challenger minus champion, with its own interval; clipped to what scores from 0 to 1 allow. */
  difference: number;
  interval: Interval;
  /** The claim's contrast: the claim holds where the true value lies over `boundary`. Verdict and p-value follow it. */
  contrast: { estimate: number; low: number; high: number; boundary: number };
  /** Two-sided p-value of "the contrast is at its boundary"; under 1 - level exactly where the interval excludes it. */
  pValue: number;
  /** Of the contrast's estimate; null where one cluster alone shows no spread. */
  standardError: number | null;
  verdict: 'pass' | 'fail' | 'inconclusive';
  reason: string;
  power: Power;
  mcNemar: McNemar | null;
}

/**
 * Champion against challenger on the same cases (design: "Offline"). Passes when the contrast's interval lies above the
 * boundary, fails when it lies below, else the data do not say; under the floors it is `inconclusive` whatever it shows.
 * @param alpha two-sided; the interval's level is 1 - alpha.
 * @param rules of a recorded decision; the newest without.
 * @param cautious takes Student's t into account at any size, as the small levels of a sequential plan's looks need.
 * @throws RangeError without a case, or for a claim that means nothing.
 */
export function comparePaired({
  cases,
  claim,
  alpha,
  seed,
  resamples,
  cautious = false,
  rules = newestRules,
}: {
  cases: Pick<PairedCases, 'pairs' | 'clustered'>;
  claim: Claim;
  alpha: number;
  seed: number;
  resamples?: number;
  cautious?: boolean;
  rules?: Rules;
}): Comparison {
  checkClaim(claim);
  const { pairs } = cases;
  const untied = pairs.filter((pair) => !isTied(pair));
  const informative = new Set(untied.map((pair) => pair.cluster)).size;
  const level = 1 - alpha;
  const infer = (value: (pair: Pair) => number): MeanInference =>
    inferMean({
      clusters: sumByCluster(pairs.map((pair) => ({ cluster: pair.cluster, value: value(pair) }))),
      informative,
      seed,
      cautious,
      unequal: rules >= 3,
      ...(resamples === undefined ? {} : { resamples }),
    });
  const { value, boundary } = contrastOf(claim);
  const contrastMean = infer(value);
  const plainMean =
    isScaled(claim) || claim.better === 'lower' ? infer((pair) => pair.challenger - pair.champion) : contrastMean;
  const contrast = intervalOf({ mean: contrastMean, level });
  const champion = meanOf(pairs, (pair) => pair.champion);
  const challenger = meanOf(pairs, (pair) => pair.challenger);
  const n = pairs.length;
  const clusters = contrastMean.clusters;
  const effect = claim.size > 0 ? sizeInPoints(claim, champion) : Math.abs(contrastMean.estimate);
  // Before rules 4 plans counted clusters as equal.
  const { standardError, degrees } = (rules >= 4 && contrastMean.student) || {
    ...{ standardError: contrastMean.standardError, degrees: clusters - 1 },
  };
  const power = powerOf({ clusters, standardError, degrees, cases: n, untied: untied.length, effect, alpha });
  const facts = {
    n,
    clusters,
    untied: untied.length,
    champion,
    challenger,
    difference: plainMean.estimate,
    interval: clip({ interval: intervalOf({ mean: plainMean, level }), pairs }),
    contrast: {
      estimate: contrastMean.estimate,
      low: Math.max(-Number.MAX_VALUE, contrast.low),
      high: Math.min(Number.MAX_VALUE, contrast.high),
      boundary,
    },
    pValue: pValueOf({ mean: contrastMean, value: boundary }),
    standardError: Number.isFinite(standardError) ? standardError : null,
    power,
    mcNemar: exactMcNemar(cases),
  };
  const negative = isScaled(claim) && champion < 0;
  const floor = negative
    ? 'a relative size of a champion mean below 0 means nothing, expected kind absolute'
    : underFloors({ clusters, untied: untied.length });
  const verdict =
    floor !== null
      ? 'inconclusive'
      : contrast.low > boundary
        ? 'pass'
        : contrast.high < boundary
          ? 'fail'
          : 'inconclusive';
  return { ...facts, verdict, reason: explain({ facts, claim, verdict, floor, effect, rules }) };
}

/** What these cases can show, and how many of their kind would show `effect`. */
function powerOf({
  clusters,
  cases,
  untied,
  effect,
  ...known
}: {
  clusters: number;
  standardError: number;
  degrees: number;
  cases: number;
  untied: number;
  effect: number;
  alpha: number;
}): Power {
  if (clusters < 2) return unknownPower;
  const smallestEffect = smallestEffectOf(known);
  const floor = casesForFloors({ cases, clusters, untied });
  return { smallestEffect, casesNeeded: casesFor({ cases, smallestEffect, effect, floor }) };
}

const meanOf = (pairs: readonly Pair[], score: (pair: Pair) => number): number =>
  pairs.reduce((sum, pair) => sum + score(pair), 0) / pairs.length;

/** Means of scores from 0 to 1 differ by at most 1: an end beyond that, or at infinity, says no more than the limit. */
function clip({ interval, pairs }: { interval: Interval; pairs: readonly Pair[] }): Interval {
  const scores = pairs.flatMap((pair) => [pair.champion, pair.challenger]);
  const bounded = scores.every((score) => score >= 0 && score <= 1);
  const widest = bounded ? 1 : Number.MAX_VALUE;
  return { ...interval, low: Math.max(-widest, interval.low), high: Math.min(widest, interval.high) };
}

/** Scores from 0 to 1 are spoken of in points of a hundred. */
const formatPoints = (value: number, { champion, challenger }: Pick<Comparison, 'champion' | 'challenger'>): string =>
  Math.max(Math.abs(champion), Math.abs(challenger)) <= 1
    ? `${Number((value * 100).toFixed(1))} points`
    : formatNumber(value);

function explain({
  facts,
  claim,
  verdict,
  floor,
  effect,
  rules,
}: {
  facts: Omit<Comparison, 'verdict' | 'reason'>;
  claim: Claim;
  verdict: Comparison['verdict'];
  floor: string | null;
  effect: number;
  rules: Rules;
}): string {
  const { n, clusters, power } = facts;
  const wanted = wordsOf(claim);
  const says = { pass: `${wanted}: yes`, fail: `${wanted}: no`, inconclusive: `${wanted}: not shown` }[verdict];
  const seen = `challenger ${formatNumber(facts.challenger)} against champion ${formatNumber(facts.champion)}, difference ${formatDifference(facts.difference)} (${formatInterval(facts.interval)}, ${pValueWords({ pValue: facts.pValue, claim, rules })}, ${n} cases in ${clusters} clusters)`;
  if (verdict !== 'inconclusive') return `${says}; ${seen}`;
  const more = power.casesNeeded === null ? 0 : power.casesNeeded - n;
  const short = rules >= 5 && floor === null && facts.contrast.estimate <= facts.contrast.boundary;
  const mend = short
    ? fallsShort({ size: claim.size, more, points: formatPoints(effect, facts) })
    : more > 0
      ? `; needs ${more} more cases to see ${formatPoints(effect, facts)}`
      : '';
  return floor === null ? `${says}; ${seen}${mend}` : `${wanted}: too little to decide, ${floor}; ${seen}${mend}`;
}

/** More cases of this kind would only make it surer that the claim does not hold: what they would show is a better challenger. */
function fallsShort({ size, more, points }: { size: number; more: number; points: string }): string {
  const itself = '; what was seen falls short of it by itself';
  if (size === 0) return itself;
  const cases = more > 0 ? `with ${more} more cases` : 'with so many cases';
  return `${itself}, a challenger ${points} beyond it would be seen ${cases}`;
}
