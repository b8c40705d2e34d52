import type { CalibrationRow } from '../judge-calibration.js';
import type { Disagreement } from './tiers.js';

/** Parts of the judge's range that are looked at by themselves. */
const parts = 4;
/** With fewer labels nothing is known of a part, and the strong judge sees it. */
const fewestLabels = 10;
/** Ratings that lie no further apart than this mean the same. */
const nearMiss = 1;

/**
 * How often people and a judge disagree, by where in its range the judge's score lies: whether one says yes and the other
 * no, or, for ordered ratings, more than a point apart.
 */
export function disagreementOf({
  rows,
  range: { low, high },
  passAt,
  ordered,
}: {
  rows: readonly CalibrationRow[];
  range: { low: number; high: number };
  passAt: number;
  ordered: boolean;
}): Disagreement[] {
  const width = (high - low) / parts;
  const differ = (judge: number, human: number): boolean =>
    ordered ? Math.abs(judge - human) > nearMiss : judge >= passAt !== human >= passAt;
  return Array.from({ length: parts }, (_, index) => {
    const part = { low: low + index * width, high: index === parts - 1 ? high : low + (index + 1) * width };
    const within = rows.flatMap(({ judge, human }) =>
      judge !== null && judge >= part.low && (judge < part.high || index === parts - 1) ? [{ judge, human }] : [],
    );
    const wrong = within.filter((one) => differ(one.judge, one.human)).length;
    return { ...part, labels: within.length, share: wrong / within.length };
  }).flatMap(({ labels, ...part }) => (labels < fewestLabels ? [] : [part]));
}
