import type { Rules } from '../release/rules.js';
import { formatNumber } from './format.js';
import type { Pair } from './paired-cases.js';

/** Whether more of a metric is good. */
export type Better = 'higher' | 'lower';
export type Decision = 'superior' | 'nonInferior';
export type EffectKind = 'relative' | 'absolute';

/**
 * What has to be shown. `size` is the minimum effect of `superior`, the margin of `nonInferior`; relative sizes are a
 * share of the champion's score, absolute ones are score points.
 */
export interface Claim {
  decision: Decision;
  kind: EffectKind;
  size: number;
  better: Better;
}

/** Equal up to rounding: such a pair tells nothing of the difference. */
export const isTied = ({ champion, challenger }: Pick<Pair, 'champion' | 'challenger'>): boolean =>
  Math.abs(challenger - champion) <= 1e-12 * Math.max(1, Math.abs(champion), Math.abs(challenger));

/** Whether the claim is about something else than the plain difference. */
export const isScaled = (claim: Claim): boolean => claim.kind === 'relative' && claim.size !== 0;

/**
 * A claim as one contrast, a value a case whose true mean must be over `boundary`: with a the champion's and b the
 * challenger's score, b - (1 + d)a > 0 for superior and b - (1 - d)a > 0 for non-inferior; with an absolute d,
 * b - a > d and b - a > -d. Where less is better, b - a is turned round.
 */
export function contrastOf(claim: Claim): { value: (pair: Pair) => number; boundary: number } {
  const sign = claim.better === 'higher' ? 1 : -1;
  const required = claim.decision === 'superior' ? claim.size : -claim.size;
  const gain = ({ champion, challenger }: Pair): number => sign * (challenger - champion);
  if (isScaled(claim)) return { value: (pair) => gain(pair) - required * pair.champion, boundary: 0 };
  // `0 -` would make a negative zero of a margin of none.
  return { value: gain, boundary: required === 0 ? 0 : required };
}

/** The claim's size in score points, for a champion of this mean. */
export const sizeInPoints = (claim: Claim, championMean: number): number =>
  claim.kind === 'relative' ? claim.size * Math.abs(championMean) : claim.size;

/** Throws a `RangeError` for a size that means nothing. */
export function checkClaim(claim: Claim): void {
  const name = claim.decision === 'superior' ? 'minimum effect' : 'margin';
  if (!(claim.size >= 0) || !Number.isFinite(claim.size))
    throw new RangeError(`${name} ${claim.size}: expected a number from 0`);
}

/** A p-value and, since rules 5, what it speaks against: `p 0.031 against exactly 5 % better`. */
export const pValueWords = ({ pValue, claim, rules }: { pValue: number; claim: Claim; rules: Rules }): string =>
  `p ${formatNumber(pValue)}${rules >= 5 ? ` against ${boundaryWordsOf(claim)}` : ''}`;

/** What the p-value speaks against, which is the claim's boundary: `exactly 5 % better`. */
function boundaryWordsOf({ decision, kind, size }: Claim): string {
  if (size === 0) return 'no difference';
  const amount = kind === 'relative' ? `${formatNumber(size * 100)} %` : formatNumber(size);
  return `exactly ${amount} ${decision === 'superior' ? 'better' : 'worse'}`;
}

/** What the claim says, for people: `more than 5 % better`. */
export function wordsOf({ decision, kind, size }: Claim): string {
  if (size === 0) return decision === 'superior' ? 'better' : 'not worse';
  const amount = kind === 'relative' ? `${formatNumber(size * 100)} %` : formatNumber(size);
  return decision === 'superior' ? `more than ${amount} better` : `less than ${amount} worse`;
}
