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
  /**
   * Judge minus human in the group, less the same in the rest, in points of the scale; for the position the judge's score
   * of an answer that stood first, less that of the same answer that stood second.
   */
  difference: number;
  interval: Interval;
  /** Adjusted over all groups looked at (Holm). */
  pValue: number;
  biased: boolean;
}

interface BiasInput {
  rows: readonly CalibrationRow[];
  alpha: number;
  seed: number;
  resamples?: number;
}

type Group = Pick<JudgeBias, 'kind' | 'group'> & { holds: (row: CalibrationRow) => boolean; known: CalibrationRow[] };

/** Groups with fewer rows inside or outside say nothing. */
const smallGroup = 10;

/**
 * Whether the judge errs more kindly on long answers, or on a style: the mean of judge minus human inside a group less
 * that outside, with the interval of its linearised values over clusters. A judge of honest people shares their taste: only
 * what it adds counts. A judge of pairs was shown each both ways round, which tells by itself whether it favours a place.
 */
export function biasesOf({ rows, ...settings }: BiasInput): JudgeBias[] {
  const grouped = groupsOf(rows).map(({ kind, group, holds, known }) => {
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
    return { kind, group, n: inside.length, difference, ...tellApart({ values, ...settings }) };
  });
  const found = [...grouped, ...positionOf({ rows, ...settings })];
  const adjusted = holmAdjust(found.map((one) => one.pValue));
  return found.map((one, index) => ({ ...one, pValue: adjusted[index]!, biased: adjusted[index]! <= settings.alpha }));
}

/** Whether what a judge of pairs says depends on the place: the same two answers, both ways round. */
function positionOf({ rows, ...settings }: BiasInput): Omit<JudgeBias, 'biased'>[] {
  const values = rows.flatMap(({ cluster, places }) =>
    places === null ? [] : [{ cluster, value: places.first - places.second }],
  );
  const n = values.length;
  if (n < smallGroup) return [];
  const difference = values.reduce((sum, { value }) => sum + value, 0) / n;
  return [{ kind: 'position', group: 'shown first', n, difference, ...tellApart({ values, ...settings }) }];
}

/** Interval of a mean over clusters, and its p-value against 0. */
function tellApart({
  values,
  alpha,
  ...settings
}: Omit<BiasInput, 'rows'> & { values: readonly { cluster: string; value: number }[] }): Pick<
  JudgeBias,
  'interval' | 'pValue'
> {
  const clusters = sumByCluster(values);
  const mean = inferMean({ clusters, informative: clusters.sums.length, ...settings });
  return { interval: intervalOf({ mean, level: 1 - alpha }), pValue: pValueOf({ mean, value: 0 }) };
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
  const groups: Group[] = [
    {
      ...{ kind: 'length', group: `longer than ${middle} characters`, known: long },
      holds: (row) => row.length! > middle,
    },
    ...[...new Set(styled.map((row) => row.style!))].sort().map((style): Group => ({
      ...{ kind: 'style', group: `style ${style}`, known: styled },
      holds: (row) => row.style === style,
    })),
  ];
  return groups.filter(({ known, holds }) => {
    const inside = known.filter(holds).length;
    return inside >= smallGroup && known.length - inside >= smallGroup;
  });
}
