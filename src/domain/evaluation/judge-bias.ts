import { holmAdjust } from '../statistics/holm.js';
import { inferMean, intervalOf, pValueOf } from '../statistics/mean-inference.js';
import { sumByCluster } from '../statistics/paired-cases.js';
import type { Interval } from '../statistics/mean-inference.js';
import type { CalibrationRow } from './judge-calibration.js';

/** One way in which a judge may favour answers for what they look like. */
export interface JudgeBias {
  kind: 'length' | 'style' | 'position';
  /** What is held against what: `longer than 310 characters`, `style list`, `shown first`. */
  group: string;
  n: number;
  /** Judge minus human in the group, less the same in the rest, in points of the scale. */
  difference: number;
  interval: Interval;
  /** Adjusted over all groups looked at (Holm). */
  pValue: number;
  biased: boolean;
}

type Group = Pick<JudgeBias, 'kind' | 'group'> & { holds: (row: CalibrationRow) => boolean; known: CalibrationRow[] };

/** Groups with fewer rows inside or outside say nothing. */
const smallGroup = 10;

/**
 * Whether the judge errs more kindly on long answers, on a style, or on what is shown first: the mean of judge minus
 * human inside a group less that outside, with the interval of its linearised values over clusters. A judge of honest
 * people shares their taste: only what it adds counts.
 */
export function biasesOf({
  rows,
  alpha,
  seed,
  resamples,
}: {
  rows: readonly CalibrationRow[];
  alpha: number;
  seed: number;
  resamples?: number;
}): JudgeBias[] {
  const found = groupsOf(rows).map(({ kind, group, holds, known }) => {
    const inside = known.filter(holds);
    const outside = known.filter((row) => !holds(row));
    const [ours, theirs] = [meanError(inside), meanError(outside)];
    const difference = ours - theirs;
    // Each row's influence on the difference of the two means, so that clusters across both are counted rightly.
    const values = known.map((row) => {
      const influence = holds(row)
        ? ((errorOf(row) - ours) * known.length) / inside.length
        : ((theirs - errorOf(row)) * known.length) / outside.length;
      return { cluster: row.cluster, value: difference + influence };
    });
    const clusters = sumByCluster(values);
    const settings = { informative: clusters.sums.length, seed, ...(resamples === undefined ? {} : { resamples }) };
    const mean = inferMean({ clusters, ...settings });
    const interval = intervalOf({ mean, level: 1 - alpha });
    return { kind, group, n: inside.length, difference, interval, pValue: pValueOf({ mean, value: 0 }) };
  });
  const adjusted = holmAdjust(found.map((one) => one.pValue));
  return found.map((one, index) => ({ ...one, pValue: adjusted[index]!, biased: adjusted[index]! <= alpha }));
}

const errorOf = ({ judge, human }: CalibrationRow): number => judge! - human;

const meanError = (rows: readonly CalibrationRow[]): number =>
  rows.reduce((sum, row) => sum + errorOf(row), 0) / rows.length;

function groupsOf(rows: readonly CalibrationRow[]): Group[] {
  const scored = rows.filter((row) => row.judge !== null);
  const long = scored.filter((row) => row.length !== null);
  const lengths = long.map((row) => row.length!).sort((a, b) => a - b);
  const middle = lengths[Math.floor((lengths.length - 1) / 2)] ?? 0;
  const styled = scored.filter((row) => row.style !== null);
  const placed = scored.filter((row) => row.position !== null);
  const groups: Group[] = [
    {
      ...{ kind: 'length', group: `longer than ${middle} characters`, known: long },
      holds: (row) => row.length! > middle,
    },
    ...[...new Set(styled.map((row) => row.style!))].sort().map((style): Group => ({
      ...{ kind: 'style', group: `style ${style}`, known: styled },
      holds: (row) => row.style === style,
    })),
    { kind: 'position', group: 'shown first', known: placed, holds: (row) => row.position === 'first' },
  ];
  return groups.filter(({ known, holds }) => {
    const inside = known.filter(holds).length;
    return inside >= smallGroup && known.length - inside >= smallGroup;
  });
}
