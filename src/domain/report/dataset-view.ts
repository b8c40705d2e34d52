import type { ColumnProfile } from '../dataset/column-profile/column-profile.js';
import type { ProfileDrift } from '../dataset/column-profile/compare-profiles.js';
import { bars, type Distribution } from '../dataset/column-profile/value-histogram.js';
import { columnsBesideContent, datasetDrift } from '../dataset/dataset-drift.js';
import { deadLetterReasons, type DeadLetterReason } from '../dataset/dead-letter.js';
import type { DatasetManifest } from '../dataset/manifest.js';
import { formatCount, formatShare, shortDigest } from './format.js';
import type { Tone } from './verdict-sentence.js';

const shownValues = 10;
const parts = 40;

/** Bars or outlines of one column, now and in the version before. */
export type DistributionView =
  | { kind: 'values'; column: string; labels: string[]; current: number[]; previous: number[] | null; sentence: string }
  | {
      kind: 'lengths' | 'numbers';
      column: string;
      from: number;
      to: number;
      current: number[];
      previous: number[] | null;
      sentence: string;
    };

export interface FunnelStep {
  step: string;
  /** Rows that are left after it. */
  rows: number;
  removed: number;
  /** Of the rows that were read, 0..1. */
  share: number;
}

export interface DatasetView {
  name: string;
  tone: Tone;
  word: string;
  sentence: string;
  tiles: { label: string; value: string; note: string }[];
  funnel: FunnelStep[];
  /** Steps that left no row out. */
  idle: string[];
  distributions: DistributionView[];
  /** Columns that hold one value in every row: `language is en`. */
  constant: string[];
  drift: ProfileDrift | null;
}

const stepNames: Record<DeadLetterReason, string> = {
  unreadable: 'readable',
  invalidRow: 'valid columns',
  unresolved: 'resolved',
  language: 'allowed language',
  toxic: 'not toxic',
  tooShort: 'long enough',
  repeatedCharacters: 'no repeated characters',
  spam: 'no spam',
  emptyAnswer: 'answered',
  duplicate: 'no exact duplicate',
  nearDuplicate: 'no near-duplicate',
  contaminated: 'not in the golden set',
  trainedQuestion: 'not on both sides of the split',
};

function funnelOf({ counts }: DatasetManifest): Pick<DatasetView, 'funnel' | 'idle'> {
  let rows = counts.read;
  const share = (left: number): number => (counts.read === 0 ? 0 : left / counts.read);
  const steps = deadLetterReasons.map((reason) => {
    const removed = counts.deadLettered[reason] ?? 0;
    rows -= removed;
    return { step: stepNames[reason], rows, removed, share: share(rows) };
  });
  const first = { step: 'read', rows: counts.read, removed: 0, share: share(counts.read) };
  return {
    funnel: [first, ...steps.filter(({ removed }) => removed > 0)],
    idle: steps.filter(({ removed }) => removed === 0).map(({ step }) => step),
  };
}

const shares = (counts: readonly number[]): number[] => {
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (all === 0 ? 0 : count / all));
};

type Values = NonNullable<ColumnProfile['values']>;

/** Values of a column, the frequent ones by name; numbers in their order. */
function valuesView(current: ColumnProfile & { values: Values }, previous: ColumnProfile | null): DistributionView {
  const all = new Set([...current.values, ...(previous?.values ?? [])].map(({ value }) => value));
  const top = [...all].slice(0, shownValues);
  if (current.numbers !== null) top.sort((one, other) => Number(one) - Number(other));
  const rest = (values: Values): boolean => values.some(({ value }) => !top.includes(value));
  const hasRest = rest(current.values) || rest(previous?.values ?? []);
  const labels = [...top, ...(hasRest ? ['all others'] : []), ...(current.nulls > 0 ? ['(empty)'] : [])];
  const countsOf = ({ values, nulls }: ColumnProfile): number[] => {
    const known = new Map((values ?? []).map(({ value, rows }) => [value, rows]));
    const named = top.map((value) => known.get(value) ?? 0);
    const others = (values ?? []).reduce((sum, { value, rows }) => sum + (top.includes(value) ? 0 : rows), 0);
    return [...named, ...(hasRest ? [others] : []), ...(current.nulls > 0 ? [nulls] : [])];
  };
  const now = shares(countsOf(current));
  const [most] = current.values;
  const distinct = `${formatCount(current.distinct)} different ${current.distinct === 1 ? 'value' : 'values'}`;
  return {
    kind: 'values',
    column: current.column,
    labels,
    current: now,
    previous: previous?.values ? shares(countsOf(previous)) : null,
    sentence: `${distinct}, most often ${most?.value ?? 'none'} (${formatShare(Math.max(0, now[labels.indexOf(most?.value ?? '')] ?? 0))}).`,
  };
}

function outlineView({
  kind,
  current,
  previous,
}: {
  kind: 'lengths' | 'numbers';
  current: { column: string; distribution: Distribution };
  previous: Distribution | null;
}): DistributionView {
  const { distribution } = current;
  const all = previous === null ? [distribution] : [distribution, previous];
  const least = Math.min(...all.map(({ min }) => min));
  const from = kind === 'lengths' ? 0 : least;
  const reach = Math.max(...all.map(({ quantiles, max }) => Math.min(max, quantiles.p95 + (quantiles.p95 - from) / 2)));
  const to = reach > from ? reach : from + 1;
  const { p05, p50, p95 } = distribution.quantiles;
  const unit = kind === 'lengths' ? ' characters' : '';
  return {
    kind,
    column: current.column,
    from,
    to,
    current: shares(bars({ distribution, from, to, parts })),
    previous: previous === null ? null : shares(bars({ distribution: previous, from, to, parts })),
    sentence: `Half are at most ${formatCount(p50)}${unit}, nine in ten from ${formatCount(p05)} to ${formatCount(p95)}.`,
  };
}

function distributionsOf(current: DatasetManifest, previous: DatasetManifest | null): DistributionView[] {
  const ignored = columnsBesideContent(current);
  const views = current.profile.columns.flatMap((one): DistributionView[] => {
    if (ignored.includes(one.column)) return [];
    const before = previous?.profile.columns.find(({ column }) => column === one.column) ?? null;
    const { values, numbers, lengths, column } = one;
    const isScale = numbers !== null && (values?.length ?? shownValues + 1) > shownValues;
    if (values !== null && values.length > 1 && !isScale) return [valuesView({ ...one, values }, before)];
    if (values !== null && values.length <= 1) return [];
    if (numbers !== null)
      return [
        outlineView({ kind: 'numbers', current: { column, distribution: numbers }, previous: before?.numbers ?? null }),
      ];
    if (lengths === null) return [];
    return [
      outlineView({ kind: 'lengths', current: { column, distribution: lengths }, previous: before?.lengths ?? null }),
    ];
  });
  // Charts of one height side by side leave no gaps.
  const size = (view: DistributionView): number => (view.kind === 'values' ? view.labels.length : 0);
  return views.sort((one, other) => size(other) - size(one));
}

const constantColumns = (current: DatasetManifest): string[] => {
  const ignored = columnsBesideContent(current);
  return current.profile.columns.flatMap(({ column, values, nulls }) => {
    const [only, second] = values ?? [];
    const isConstant = only !== undefined && second === undefined && nulls === 0 && !ignored.includes(column);
    return isConstant ? [`${column} is ${only.value}`] : [];
  });
};

function driftWord(drift: ProfileDrift | null): { tone: Tone; word: string; sentence: string } {
  if (drift === null)
    return { tone: 'neutral', word: 'First version', sentence: 'there is no version before to compare with' };
  const shifted = (shift: 'large' | 'moderate'): string[] =>
    drift.columns.filter((one) => one.shift === shift).map(({ column }) => column);
  const [large, moderate] = [shifted('large'), shifted('moderate')];
  if (large.length > 0)
    return { tone: 'bad', word: 'Large drift', sentence: `${large.join(', ')} shifted far from the version before` };
  if (moderate.length > 0)
    return { tone: 'warning', word: 'Some drift', sentence: `${moderate.join(', ')} shifted from the version before` };
  return { tone: 'good', word: 'No drift', sentence: 'no column shifted from the version before' };
}

function tilesOf({ counts, contamination }: DatasetManifest, previous: DatasetManifest | null): DatasetView['tiles'] {
  const ofRead = (rows: number): string =>
    counts.read === 0 ? 'nothing was read' : `${formatShare(rows / counts.read)} of rows read`;
  const redacted = Object.values(counts.redacted).reduce((sum, count) => sum + count, 0);
  const before =
    previous === null ? 'no version before' : `${formatCount(previous.counts.published)} in the version before`;
  return [
    { label: 'Rows published', value: formatCount(counts.published), note: before },
    {
      label: 'Left out',
      value: formatCount(counts.read - counts.published + counts.replayed),
      note: ofRead(counts.read - counts.published + counts.replayed),
    },
    {
      label: 'Validation rows',
      value: formatCount(counts.validation),
      note: `${formatCount(counts.clusters)} clusters in all`,
    },
    {
      label: 'Personal data replaced',
      value: formatCount(redacted),
      note: `${Object.keys(counts.redacted).length} types`,
    },
    {
      label: 'Held golden cases',
      value: formatCount(contamination.removed.length),
      note: `overlap from ${contamination.removeAt}`,
    },
  ];
}

/** What the page about one version of a data set says, from its manifest and that of the version before. */
export function datasetView({
  current,
  previous,
}: {
  current: DatasetManifest;
  previous: DatasetManifest | null;
}): DatasetView {
  const drift = previous === null ? null : datasetDrift({ previous, current });
  const { tone, word, sentence } = driftWord(drift);
  const { read, published } = current.counts;
  const against = previous === null ? '' : ` (${shortDigest(previous.digest)})`;
  return {
    name: current.name,
    tone,
    word,
    sentence: `${formatCount(published)} rows from ${formatCount(read)} that were read; ${sentence}${against}.`,
    tiles: tilesOf(current, previous),
    ...funnelOf(current),
    distributions: distributionsOf(current, previous),
    constant: constantColumns(current),
    drift,
  };
}
