import { chiSquareTail } from './distributions.js';

/** Smallest share of a bin in the stability index, so that an empty bin weighs much but not infinitely. */
const smallestShare = 1e-4;
/** Least expected count of a bin in the chi-square test (Cochran 1954); smaller bins are pooled. */
const leastExpected = 5;

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/**
 * Population stability index of two sets of counts over the same bins: the sum of (q - p) ln(q / p) over their shares
 * (Siddiqi 2006, chapter 8), shares under 0.0001 raised to it. 0 where either is empty.
 */
export function stabilityIndex({
  previous,
  current,
}: {
  previous: readonly number[];
  current: readonly number[];
}): number {
  const [before, now] = [total(previous), total(current)];
  if (before === 0 || now === 0) return 0;
  return previous.reduce((sum, count, bin) => {
    const p = Math.max(smallestShare, count / before);
    const q = Math.max(smallestShare, current[bin]! / now);
    return sum + (q - p) * Math.log(q / p);
  }, 0);
}

export interface ChiSquare {
  statistic: number;
  degrees: number;
  pValue: number;
}

/**
 * Pearson's chi-square test that two samples come from one distribution, without a continuity correction (as scipy's
 * `chi2_contingency(correction=False)`). Bins in which either sample expects fewer than 5 are pooled.
 * @returns null where fewer than two bins are left: there is nothing to compare
 */
export function chiSquareHomogeneity({
  previous,
  current,
}: {
  previous: readonly number[];
  current: readonly number[];
}): ChiSquare | null {
  const [before, now] = [total(previous), total(current)];
  const smaller = Math.min(before, now) / (before + now);
  const pooled: [number, number] = [0, 0];
  const bins: [number, number][] = [];
  previous.forEach((count, bin) => {
    const pair: [number, number] = [count, current[bin]!];
    if ((pair[0] + pair[1]) * smaller >= leastExpected) bins.push(pair);
    else pooled.forEach((sum, side) => (pooled[side] = sum + pair[side]!));
  });
  if (pooled[0] + pooled[1] > 0) bins.push(pooled);
  if (bins.length < 2 || before === 0 || now === 0) return null;
  const statistic = bins.reduce((sum, [first, second]) => {
    const expected = ((first + second) * before) / (before + now);
    const others = first + second - expected;
    return sum + (first - expected) ** 2 / expected + (second - others) ** 2 / others;
  }, 0);
  const degrees = bins.length - 1;
  return { statistic, degrees, pValue: chiSquareTail({ x: statistic, degrees }) };
}
