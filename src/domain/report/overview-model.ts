import { totalCostUsd } from '../release/release-record.js';
import { formatDifference, formatNumber, formatSeconds, formatShare, formatUsd } from './format.js';
import type { OverviewInput, OverviewRelease } from './report-input.js';
import { reportModel, type ReportModel } from './report-model.js';
import type { StageSpan } from './stage-spans.js';

/** A stretch of time on the axis that all releases share, as shares of its length. */
export interface Stretch {
  label: string;
  start: number;
  width: number;
}

export interface OverviewRow {
  model: ReportModel;
  reportHref: string | null;
  reasons: string[];
  stage: string;
  metric: string | null;
  /** Mean of the primary metric, or a dash. */
  score: string;
  difference: string;
  gates: string;
  canary: string;
  time: string;
  cost: string;
  /** The release's stages on the shared axis. */
  spans: (StageSpan & Stretch)[];
}

export interface OverviewModel {
  model: string;
  sentence: string;
  /** The primary metric's name; several where releases differ. */
  scoreName: string;
  rows: OverviewRow[];
  /** Which release served users when. */
  champions: Stretch[];
  axis: { from: string; to: string; seconds: number };
  totalCost: string;
}

interface Axis {
  from: number;
  length: number;
}

const none = '–';

const stretch = ({ label, from, to, axis }: { label: string; from: string; to: string; axis: Axis }): Stretch => ({
  label,
  start: Math.max(0, Date.parse(from) - axis.from) / axis.length,
  width: Math.max(0, Date.parse(to) - Math.max(axis.from, Date.parse(from))) / axis.length,
});

function rowOf({ release, axis }: { release: OverviewRelease; axis: Axis }): OverviewRow {
  const model = reportModel(release);
  const { record, reportHref } = release;
  const primary = model.metrics[0];
  const challenger = primary?.arms.find(({ arm }) => arm === 'challenger');
  const asked = record.verdicts.filter(({ informs }) => !informs).length;
  const spans = model.stages.map((span) => ({
    ...span,
    ...stretch({ label: `${span.stage} ${formatSeconds(span.seconds)}`, from: span.from, to: span.to, axis }),
  }));
  return {
    model,
    reportHref,
    reasons: record.reasons,
    stage: record.stage,
    metric: primary?.metric ?? null,
    score: challenger ? formatNumber(challenger.mean) : none,
    difference: primary?.differences ? formatDifference(primary.differences.mean) : none,
    gates: asked === 0 ? none : `${model.gateCounts.pass} of ${asked}`,
    canary: model.canary ? formatShare(model.canary.highestShare) : none,
    time: formatSeconds(record.seconds),
    cost: formatUsd(totalCostUsd(record)),
    spans,
  };
}

const earliest = (...times: (string | null | undefined)[]): string =>
  times.flatMap((one) => one ?? []).reduce((first, one) => (Date.parse(one) < Date.parse(first) ? one : first));

/** A release serves from its promotion until the next promotion, its withdrawal, or the end of the axis. */
function championStretches({ rows, releases, axis }: { rows: OverviewRow[]; releases: OverviewRelease[]; axis: Axis }) {
  const end = new Date(axis.from + axis.length).toISOString();
  const promotions = releases.flatMap(({ record }, index) => {
    if (record.outcome !== 'promoted') return [];
    const from = rows[index]!.spans.find(({ stage }) => stage === 'promote')?.from ?? record.endedAt;
    return [{ label: record.releaseId, from, withdrawn: record.withdrawnAt }];
  });
  return promotions.map(({ label, from, withdrawn }, index) =>
    stretch({ label, from, to: earliest(end, withdrawn, promotions[index + 1]?.from), axis }),
  );
}

function sentenceOf(releases: readonly OverviewRelease[]): string {
  const counts = new Map<string, number>();
  for (const { record } of releases) counts.set(record.outcome, (counts.get(record.outcome) ?? 0) + 1);
  const ends = [...counts].map(([outcome, count]) => `${count} ${outcome === 'rolledBack' ? 'rolled back' : outcome}`);
  const champion = releases.findLast(({ record }) => record.outcome === 'promoted' && record.withdrawnAt === null);
  const serving = champion ? `${champion.record.releaseId} serves users` : 'no release serves users';
  return `${releases.length} ${releases.length === 1 ? 'release' : 'releases'}: ${ends.join(', ') || 'none'}; ${serving}.`;
}

/** Several releases of one model side by side, on one time axis; oldest first. */
export function overviewModel({ model, releases }: OverviewInput): OverviewModel {
  const inOrder = releases.toSorted((one, other) => one.record.startedAt.localeCompare(other.record.startedAt));
  const from = inOrder.reduce((least, { record }) => Math.min(least, Date.parse(record.startedAt)), Infinity);
  const to = inOrder.reduce((most, { record }) => Math.max(most, Date.parse(record.endedAt)), -Infinity);
  const axis = inOrder.length === 0 ? { from: 0, length: 1 } : { from, length: Math.max(1, to - from) };
  const rows = inOrder.map((release) => rowOf({ release, axis }));
  return {
    model,
    sentence: sentenceOf(inOrder),
    scoreName: [...new Set(rows.flatMap(({ metric }) => metric ?? []))].join(' / ') || 'Score',
    rows,
    champions: championStretches({ rows, releases: inOrder, axis }),
    axis: {
      from: new Date(axis.from).toISOString(),
      to: new Date(axis.from + axis.length).toISOString(),
      seconds: axis.length / 1000,
    },
    totalCost: formatUsd(inOrder.reduce((sum, { record }) => sum + totalCostUsd(record), 0)),
  };
}
