import { sha256Hex } from '../../release/evidence.js';

/** How often the cheap judge and people disagree where it gives a score from `low` to under `high`, or to the end of the range. */
export interface Disagreement {
  low: number;
  high: number;
  share: number;
}

export type TierReason = 'unsure' | 'audit';

/** Above this share of disagreement the cheap judge's word is not enough. */
const mostDisagreement = 0.2;

/**
 * Whether the cheap judge's score leaves the matter open: where it is known to disagree with people, or, before any
 * calibration, in the middle half of the range. No score at all is as open as can be.
 */
export function isUnsure({
  score,
  range,
  disagreement,
}: {
  score: number | null;
  range: { low: number; high: number };
  disagreement: readonly Disagreement[] | null;
}): boolean {
  if (score === null) return true;
  if (disagreement !== null) {
    const known = disagreement.find(({ low, high }) => score >= low && (score < high || high === range.high));
    return known === undefined || known.share > mostDisagreement;
  }
  const place = (score - range.low) / (range.high - range.low);
  return place > 0.25 && place < 0.75;
}

/**
 * Whether the strong judge looks at a case too, and why; null leaves the cheap judge's score. All arms of a case go to
 * the same judge: scores of two judges in one pair would be a difference of judges.
 */
export function tierOf({
  caseId,
  scores,
  range,
  disagreement,
  auditShare,
  seed,
}: {
  caseId: string;
  /** The cheap judge's score of each arm. */
  scores: readonly (number | null)[];
  range: { low: number; high: number };
  disagreement: readonly Disagreement[] | null;
  /** Share of cases, 0..1, that the strong judge sees whatever the cheap one said: it shows what the tiers miss. */
  auditShare: number;
  seed: number;
}): TierReason | null {
  if (isAudited({ caseId, auditShare, seed })) return 'audit';
  return scores.some((score) => isUnsure({ score, range, disagreement })) ? 'unsure' : null;
}

/** The same cases for the same seed, whatever else is in the set. */
export function isAudited({ caseId, auditShare, seed }: { caseId: string; auditShare: number; seed: number }): boolean {
  const place = Number.parseInt(sha256Hex(`audit ${seed} ${caseId}`).slice(0, 12), 16) / 2 ** 48;
  return place < auditShare;
}

/** What the audited cases say of the cheap judge: how far it lies from the strong one, and on how many cases that rests. */
export function auditOf(pairs: readonly { cheap: number | null; strong: number | null }[]): {
  cases: number;
  meanDifference: number | null;
  meanDistance: number | null;
} {
  const both = pairs.flatMap(({ cheap, strong }) => (cheap === null || strong === null ? [] : [cheap - strong]));
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  return { cases: both.length, meanDifference: mean(both), meanDistance: mean(both.map(Math.abs)) };
}
