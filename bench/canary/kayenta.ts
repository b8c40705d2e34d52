import { studentQuantile } from '../../src/domain/statistics/distributions.js';
import { merged, type Rule } from './windows.js';

/** How often each error share of a window came up, so that a growing series costs what its values cost. */
export type Series = Map<number, number>;

const add = (series: Series, value: number): void => void series.set(value, (series.get(value) ?? 0) + 1);
const sizeOf = (series: Series): number => [...series.values()].reduce((sum, one) => sum + one, 0);

/** Mann-Whitney's z of the experiment, less `shift`, over the control, with the corrections for ties and continuity. */
export function mannWhitney({
  experiment,
  control,
  shift,
}: {
  experiment: Series;
  control: Series;
  shift: number;
}): number {
  const [n, m] = [sizeOf(experiment), sizeOf(control)];
  const values = new Map<number, { experiment: number; control: number }>();
  const at = (value: number) => {
    const rounded = Number(value.toFixed(9));
    const known = values.get(rounded) ?? { experiment: 0, control: 0 };
    values.set(rounded, known);
    return known;
  };
  for (const [value, count] of experiment) at(value - shift).experiment += count;
  for (const [value, count] of control) at(value).control += count;
  let [below, wins, ties] = [0, 0, 0];
  for (const [, { experiment: ours, control: theirs }] of [...values].sort(([a], [b]) => a - b)) {
    wins += ours * (below + theirs / 2);
    below += theirs;
    const tied = ours + theirs;
    ties += tied ** 3 - tied;
  }
  const deviation = Math.sqrt(((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1))));
  if (deviation === 0) return 0;
  const excess = wins - (n * m) / 2;
  return (excess - Math.sign(excess) * 0.5) / deviation;
}

/** The Hodges-Lehmann estimate: the median of all differences between an experiment's and a control's value. */
function medianDifference({ experiment, control }: { experiment: Series; control: Series }): number {
  const differences: [difference: number, count: number][] = [];
  for (const [value, count] of experiment)
    for (const [other, times] of control) differences.push([value - other, count * times]);
  differences.sort(([a], [b]) => a - b);
  const half = differences.reduce((sum, [, count]) => sum + count, 0) / 2;
  let seen = 0;
  for (const [difference, count] of differences) {
    seen += count;
    if (seen >= half) return difference;
  }
  return 0;
}

/**
 * Kayenta's judge (NetflixACAJudge-v1.0, MannWhitneyClassifier: two-sided level 0.98, a quarter of the Hodges-Lehmann estimate as band)
 * on the error shares of both arms by `by` windows, judged every `every` of them over all so far. The lower end of the
 * interval lies over the band where the test of that shift rejects. "High" fails the one metric, and with it the canary.
 */
export const kayentaRule =
  ({ by, every, level, fraction = 0.25 }: { by: number; every: number; level: number; fraction?: number }): Rule =>
  (canary) => {
    const critical = studentQuantile({ p: 1 - (1 - level) / 2, degrees: Infinity });
    const experiment: Series = new Map();
    const control: Series = new Map();
    const windows = merged({ windows: canary.windows, by });
    const { challenger, champion } = windows;
    for (let index = 0; index < windows.count; index += 1) {
      if (challenger.requests[index]! > 0) add(experiment, challenger.errors[index]! / challenger.requests[index]!);
      if (champion.requests[index]! > 0) add(control, champion.errors[index]! / champion.requests[index]!);
      if ((index + 1) % every !== 0 || experiment.size === 0 || control.size === 0) continue;
      if (mannWhitney({ experiment, control, shift: 0 }) < critical) continue;
      const band = fraction * Math.abs(medianDifference({ experiment, control }));
      if (mannWhitney({ experiment, control, shift: band }) >= critical) return (index + 1) * windows.size;
    }
    return null;
  };
