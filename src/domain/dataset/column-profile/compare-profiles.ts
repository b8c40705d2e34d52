import { chiSquareHomogeneity, type ChiSquare, stabilityIndex } from '../../statistics/drift.js';
import type { ColumnProfile, DatasetProfile } from './column-profile.js';
import { equalClasses } from './value-histogram.js';

/** Limits of the stability index that the field reads as a moderate and a large shift (Siddiqi 2006). */
const moderateAt = 0.1;
const largeAt = 0.25;
/** A shift is none while chance explains it: with few rows the index is large by itself (Yurdakul 2018). */
const chanceOver = 0.01;
const classes = 10;

export interface ColumnDrift {
  column: string;
  /** What was compared: how often each value stands there, the numbers in ten classes, or the lengths of texts in ten. */
  of: 'values' | 'numbers' | 'lengths';
  stabilityIndex: number;
  chiSquare: ChiSquare | null;
  shift: 'none' | 'moderate' | 'large';
  /** Share of rows without a value, 0..1. */
  nulls: { previous: number; current: number };
}

export interface ProfileDrift {
  rows: { previous: number; current: number };
  /** Columns that can be compared, the most shifted first. */
  columns: ColumnDrift[];
  added: string[];
  removed: string[];
}

type Compared = Pick<ColumnDrift, 'of'> & { previous: number[]; current: number[] };

function valueCounts(previous: ColumnProfile, current: ColumnProfile): Compared {
  const [before, now] = [previous, current].map(
    ({ values }) => new Map((values ?? []).map(({ value, rows }) => [value, rows])),
  ) as [Map<string, number>, Map<string, number>];
  const all = [...new Set([...before.keys(), ...now.keys()])];
  return {
    of: 'values',
    previous: all.map((value) => before.get(value) ?? 0),
    current: all.map((value) => now.get(value) ?? 0),
  };
}

function countsOf(previous: ColumnProfile, current: ColumnProfile): Compared | null {
  if (previous.values !== null && current.values !== null) return valueCounts(previous, current);
  for (const of of ['numbers', 'lengths'] as const) {
    const [before, now] = [previous[of], current[of]];
    if (before === null || now === null) continue;
    const [counted, others] = equalClasses({ distributions: [before, now], classes }) as [number[], number[]];
    return { of, previous: counted, current: others };
  }
  return null;
}

function driftOf({
  previous,
  current,
  rows,
}: {
  previous: ColumnProfile;
  current: ColumnProfile;
  rows: ProfileDrift['rows'];
}): ColumnDrift | null {
  const compared = countsOf(previous, current);
  if (compared === null) return null;
  const counts = {
    previous: [...compared.previous, previous.nulls],
    current: [...compared.current, current.nulls],
  };
  const index = stabilityIndex(counts);
  const chiSquare = chiSquareHomogeneity(counts);
  const byChance = chiSquare === null || chiSquare.pValue > chanceOver;
  const size = index >= largeAt ? 'large' : index >= moderateAt ? 'moderate' : 'none';
  const share = (nulls: number, of: number): number => (of === 0 ? 0 : nulls / of);
  return {
    column: current.column,
    of: compared.of,
    stabilityIndex: index,
    chiSquare,
    shift: byChance ? 'none' : size,
    nulls: { previous: share(previous.nulls, rows.previous), current: share(current.nulls, rows.current) },
  };
}

/**
 * What changed between two versions of a data set, column by column, empty values counted as a value of their own. Columns
 * whose values are not counted and that are no numbers are compared by the length of their texts. A shift needs both a
 * stability index of 0.1 and a chi-square test that chance fails to explain (p at most 0.01).
 *
 * @param ignored columns that are no content, such as ids: new ones are no drift
 */
export function compareProfiles({
  previous,
  current,
  ignored,
}: {
  previous: DatasetProfile;
  current: DatasetProfile;
  ignored: readonly string[];
}): ProfileDrift {
  const rows = { previous: previous.rows, current: current.rows };
  const before = new Map(previous.columns.map((one) => [one.column, one]));
  const now = new Map(current.columns.map((one) => [one.column, one]));
  const isEmpty = (one: ColumnProfile, of: number): boolean => one.nulls === of;
  const columns = current.columns.flatMap((one) => {
    const earlier = before.get(one.column);
    if (earlier === undefined || ignored.includes(one.column)) return [];
    if (isEmpty(earlier, rows.previous) && isEmpty(one, rows.current)) return [];
    const drift = driftOf({ previous: earlier, current: one, rows });
    return drift === null ? [] : [drift];
  });
  return {
    rows,
    columns: columns.sort((one, other) => other.stabilityIndex - one.stabilityIndex),
    added: [...now.keys()].filter((column) => !before.has(column)),
    removed: [...before.keys()].filter((column) => !now.has(column)),
  };
}
