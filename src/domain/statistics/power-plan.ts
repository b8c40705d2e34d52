import type { Rules } from '../release/rules.js';
import { sizeInPoints, type Claim } from './contrast.js';
import { studentCdf, studentQuantile } from './distributions.js';
import { floors } from './floors.js';
import { formatNumber } from './format.js';
import { clusterOf, sumByCluster, type ScoredCase } from './paired-cases.js';
import { unequalClusters } from './unequal-clusters.js';

/** The chance of passing that plans are made for. */
export const plannedPower = 0.8;

export interface Power {
  /** The smallest distance from the claim's boundary, in score points, that is seen 80 times in 100. */
  smallestEffect: number | null;
  /** Cases in all that the stated effect needs; null where no number of cases would do. */
  casesNeeded: number | null;
}

export interface PowerPlan extends Power {
  verdict: 'adequate' | 'underpowered' | 'hopeless';
  reason: string;
  cases: number;
  clusters: number;
  championMean: number | null;
  /** Assumed correlation between the arms' scores on the same case. */
  correlation: number;
}

/** No number of cases is known to do. */
export const unknownPower: Power = { smallestEffect: null, casesNeeded: null };

/**
 * Distance from the boundary that a test at `alpha`, two-sided, sees with 80 % power, for a known standard error.
 * @param degrees clusters less one where they are of one size.
 */
export function smallestEffectOf({
  standardError,
  degrees,
  alpha,
}: {
  standardError: number;
  degrees: number;
  alpha: number;
}): number {
  const level = studentQuantile({ p: 1 - alpha / 2, degrees });
  return (level + studentQuantile({ p: plannedPower, degrees })) * standardError;
}

/**
 * How much farther an effect has to lie to be seen 80 times in 100 on average over what the estimated spread might be: an
 * estimate from few clusters is as often too small as too large, and the too small ones cost more power than the others
 * win (delta method on the estimate's chi distribution).
 */
function allowanceFor({ degrees, alpha }: { degrees: number; alpha: number }): number {
  const level = studentQuantile({ p: 1 - alpha / 2, degrees });
  const power = studentQuantile({ p: plannedPower, degrees });
  let reach = level + power;
  for (let turn = 0; turn < 20; turn += 1) reach = level + power * Math.sqrt(1 + (reach * reach) / (2 * degrees));
  return reach / (level + power);
}

/**
 * Cases for an effect, when `cases` of them show `smallestEffect`: the error falls with the root of their number.
 * @param floor cases that are needed whatever the effect.
 */
export function casesFor({
  cases,
  smallestEffect,
  effect,
  floor = floors.untiedCases,
}: {
  cases: number;
  smallestEffect: number;
  effect: number;
  floor?: number;
}): number | null {
  if (!(effect > 0)) return null;
  const ratio = smallestEffect / effect;
  const needed = Math.max(floor, Math.ceil(cases * ratio * ratio - 1e-9));
  return Number.isSafeInteger(needed) ? needed : null;
}

/**
 * What the golden set can show, before a challenger exists: the challenger's scores are taken to spread as the
 * champion's own, and to correlate with them by `correlation`; clusters are the independent units. The effect that the
 * set is planned for lies the claim's size beyond its boundary: a challenger twice the minimum effect better, or, for
 * non-inferiority, one that is equal. (Miller 2024, "Adding error bars to evals", section 5.)
 * @param whole what is asked in the end, where `champion` is only a part of it drawn at random.
 * @param rules 1 takes the spread for known, as version 0.1.0 did; 2 allows for its being estimated; 4 for clusters that
 * differ in size.
 * @param highest the best score there is. The plan is hopeless when even a challenger that has it on every case would not
 * pass: what such a challenger's test says is known from the champion's scores alone.
 */
export function planPower({
  champion,
  claim,
  alpha,
  correlation = 0.5,
  highest = null,
  rules = 1,
  whole,
}: {
  champion: readonly ScoredCase[];
  claim: Claim;
  alpha: number;
  correlation?: number;
  highest?: number | null;
  rules?: Rules;
  whole?: { cases: number; clusters: number };
}): PowerPlan {
  const scored = champion.flatMap((row) =>
    row.score !== null && Number.isFinite(row.score) ? [{ cluster: clusterOf(row), value: row.score }] : [],
  );
  const totals = sumByCluster(scored);
  const { sums, sizes } = totals;
  const asked = { cases: scored.length, clusters: sums.length };
  const shape = { ...(whole ?? asked), correlation };
  if (asked.clusters < floors.clusters || asked.cases < floors.untiedCases) {
    const reason = `${asked.cases} cases in ${asked.clusters} clusters can only be inconclusive; expected at least ${floors.untiedCases} cases in ${floors.clusters} clusters`;
    return { verdict: 'hopeless', reason, ...shape, championMean: null, smallestEffect: null, casesNeeded: null };
  }
  const mean = scored.reduce((sum, one) => sum + one.value, 0) / scored.length;
  const squares = sums.reduce((sum, one, g) => sum + (one - mean * sizes[g]!) ** 2, 0);
  const unequal = rules >= 4 ? unequalClusters(totals) : null;
  const ofPart =
    unequal === null
      ? ((asked.clusters / (asked.clusters - 1)) * squares) / scored.length ** 2
      : unequal.standardError ** 2;
  const part = asked.clusters / shape.clusters;
  const variance = ofPart * part;
  const degrees = unequal === null ? shape.clusters - 1 : (unequal.degrees + 1) / part - 1;
  const scale = claim.kind === 'relative' ? 1 + (claim.decision === 'superior' ? claim.size : -claim.size) : 1;
  const standardError = Math.sqrt(variance * Math.max(0, 1 + scale * scale - 2 * scale * correlation));
  const known = smallestEffectOf({ standardError, degrees, alpha });
  const smallestEffect = rules === 1 ? known : known * allowanceFor({ degrees, alpha });
  const size = sizeInPoints(claim, mean);
  const casesNeeded = casesFor({ cases: shape.cases, smallestEffect, effect: size });
  const plan = { ...shape, championMean: mean, smallestEffect, casesNeeded };
  const shows = `${shape.cases} cases can show ${formatNumber(smallestEffect)}`;
  const needs = casesNeeded === null ? '' : `; ${formatNumber(size)} needs ${casesNeeded} cases`;
  const room = highest === null ? Infinity : Math.abs(highest - mean);
  const required = (claim.decision === 'superior' ? size : -size) + smallestEffect;
  if (required > room) {
    const critical = studentQuantile({ p: 1 - alpha / 2, degrees });
    const distance = room - (required - smallestEffect);
    // Against the same score on every case, only the champion's own scores spread, each weighted as in the contrast.
    const weight = claim.better === 'higher' ? scale : 2 - scale;
    const leaves = `the champion's ${formatNumber(mean)} leaves room for ${formatNumber(room)}${needs}`;
    if (distance <= critical * weight * Math.sqrt(variance)) {
      const reason = `no challenger can pass: ${shows}, and not even a perfect one would be seen to be better enough; ${leaves}`;
      return { verdict: 'hopeless', reason, ...plan };
    }
    const t = distance / standardError - critical;
    const chance = studentCdf({ t, degrees });
    const reason = `${shows} with 80 % power, which would take ${formatNumber(required)} more than the champion's score; ${leaves}. A challenger that is as good as can be on average passes about ${Math.round(100 * chance)} times in 100`;
    return { verdict: 'underpowered', reason, ...plan };
  }
  const enough = size === 0 || smallestEffect <= size;
  return { verdict: enough ? 'adequate' : 'underpowered', reason: `${shows} with 80 % power${needs}`, ...plan };
}
