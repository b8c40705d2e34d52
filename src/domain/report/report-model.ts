import { metricShape } from '../evaluation/scorers.js';
import { totalCostUsd } from '../release/release-record.js';
import type { Verdict, VerdictKind } from '../release/verdict.js';
import { canaryView, type CanaryView } from './canary-view.js';
import { type Fact, recordFacts } from './facts.js';
import { formatDifference, formatNumber, formatSeconds, formatShare, formatUsd } from './format.js';
import { notMeasured } from './not-measured.js';
import type { AnsweredCase, ReportEvaluation, ReportInput, ReportTraining, SliceDifference } from './report-input.js';
import type { ReportShadow } from './report-shadow.js';
import { metricView, type MetricView } from './score-views.js';
import { type StageSpan, stageSpans } from './stage-spans.js';
import { outcomeView, type OutcomeView } from './verdict-sentence.js';

/** A figure worth reading first. */
export interface Tile {
  label: string;
  value: string;
  note: string;
}

/** A gate with its place on a scale of its own, or null where nothing was measured. */
export interface GateView extends Verdict {
  scale: { low: number; high: number } | null;
}

export interface ReportModel {
  model: string;
  releaseId: string;
  outcome: OutcomeView;
  tiles: Tile[];
  gates: GateView[];
  gateCounts: Record<VerdictKind, number>;
  notMeasured: string[];
  metrics: MetricView[];
  slices: SliceView[] | null;
  worst: { against: 'champion' | 'reference'; cases: AnsweredCase[] };
  training: ReportTraining | null;
  shadow: ReportShadow | null;
  canary: CanaryView | null;
  stages: StageSpan[];
  events: { at: string; event: string; stage: string | null }[];
  facts: Fact[];
}

/** A slice with the scale that its metric is drawn on. */
export interface SliceView extends SliceDifference {
  scale: { low: number; high: number };
}

const shownCases = 5;

function gateView(verdict: Verdict): GateView {
  const numbers = [verdict.value, verdict.bound, verdict.limit].filter((one) => one !== null);
  if (verdict.value === null || numbers.length < 2) return { ...verdict, scale: null };
  const low = Math.min(...numbers);
  const high = Math.max(...numbers);
  const padding = (high - low || Math.abs(high) || 1) * 0.25;
  return { ...verdict, scale: { low: low - padding, high: high + padding } };
}

function countGates(verdicts: readonly Verdict[]): Record<VerdictKind, number> {
  const counts: Record<VerdictKind, number> = { fail: 0, unmeasured: 0, inconclusive: 0, pass: 0 };
  for (const { verdict, informs } of verdicts) if (!informs) counts[verdict] += 1;
  return counts;
}

/** Slices by metric, each metric on a scale of its own, harmed ones and then the worst first; null without any. */
export function sliceView(rows: readonly SliceDifference[]): SliceView[] | null {
  if (rows.length === 0) return null;
  const metrics = [...new Set(rows.map(({ metric }) => metric))];
  return metrics.flatMap((metric) => {
    const own = rows.filter((row) => row.metric === metric);
    const scaled = own.some(({ few }) => few !== true) ? own.filter(({ few }) => few !== true) : own;
    const low = scaled.reduce((least, row) => Math.min(least, row.low), 0);
    const high = scaled.reduce((most, row) => Math.max(most, row.high), 0);
    const padding = (high - low || 1) * 0.05;
    const scale = { low: low - padding, high: high + padding };
    const sign = metricShape(metric).better === 'higher' ? 1 : -1;
    return own
      .toSorted(
        (one, other) =>
          Number(other.harmed === true) - Number(one.harmed === true) || sign * (one.difference - other.difference),
      )
      .map((row) => ({ ...row, scale }));
  });
}

/** The slices that are named as harmed, one sentence each. */
export const harmedSlices = (rows: readonly SliceDifference[]): string[] =>
  rows
    .filter(({ harmed }) => harmed === true)
    .map(
      ({ slice, metric, n, difference, low, high, pValue = null }) =>
        `${slice} is harmed: ${metric} ${formatDifference(difference)} (${formatDifference(low)} to ${formatDifference(high)}, ${n} cases${pValue === null ? '' : `, p ${formatNumber(pValue)} after Holm`})`,
    );

/** The cases that lost most against the champion; without one, those with the worst scores. */
export function worstCases({ cases, metrics }: Pick<ReportEvaluation, 'cases' | 'metrics'>): ReportModel['worst'] {
  const sign = metricShape(metrics[0]?.metric ?? '').better === 'higher' ? 1 : -1;
  const paired = cases.filter((one) => one.championScore !== null);
  if (paired.length === 0) {
    const byScore = cases.toSorted((one, other) => sign * (one.challengerScore - other.challengerScore));
    return { against: 'reference', cases: byScore.slice(0, shownCases) };
  }
  const lost = (one: AnsweredCase): number => sign * (one.challengerScore - one.championScore!);
  const byLoss = paired.filter((one) => lost(one) < 0).toSorted((one, other) => lost(one) - lost(other));
  return { against: 'champion', cases: byLoss.slice(0, shownCases) };
}

function tilesOf({
  input,
  metrics,
  canary,
  gateCounts,
}: {
  input: ReportInput;
  metrics: readonly MetricView[];
  canary: CanaryView | null;
  gateCounts: Record<VerdictKind, number>;
}): Tile[] {
  const { record } = input;
  const tiles: Tile[] = [];
  const primary = metrics[0];
  const [challenger, ...others] = primary?.arms ?? [];
  if (primary && challenger) {
    const against = others.map(({ arm, mean }) => `${arm} ${formatNumber(mean)}`).join(', ');
    const label = `${primary.metric}, mean of ${challenger.n}`;
    tiles.push({ label, value: formatNumber(challenger.mean), note: against || 'nothing to compare with' });
    if (primary.differences) {
      const { better, same, worse, mean } = primary.differences;
      const note = `better ${better}, same ${same}, worse ${worse}`;
      tiles.push({ label: 'Against the champion', value: formatDifference(mean), note });
    }
  }
  const asked = record.verdicts.filter(({ informs }) => !informs).length;
  const rest = (['fail', 'unmeasured', 'inconclusive'] as const).filter((kind) => gateCounts[kind] > 0);
  const gateNote = rest.map((kind) => `${gateCounts[kind]} ${kind}`).join(', ');
  if (asked > 0)
    tiles.push({ label: 'Gates passed', value: `${gateCounts.pass} of ${asked}`, note: gateNote || 'none left open' });
  if (canary) {
    const keys = `${canary.challengerKeys.at(-1)![1]} keys on the challenger`;
    tiles.push({ label: 'Highest canary share', value: formatShare(canary.highestShare), note: keys });
  }
  const cost = totalCostUsd(record);
  tiles.push({ label: 'Time', value: formatSeconds(record.seconds), note: `cost ${formatUsd(cost)}` });
  return tiles;
}

/** Everything a report shows, computed from the record and its evidence; nothing in it is markup. */
export function reportModel(input: ReportInput): ReportModel {
  const { record, evaluation, training } = input;
  const metrics = (evaluation?.metrics ?? []).map(metricView);
  const canary = input.canary === null ? null : canaryView(input.canary);
  const gateCounts = countGates(record.verdicts);
  return {
    model: record.model,
    releaseId: record.releaseId,
    outcome: outcomeView(record),
    tiles: tilesOf({ input, metrics, canary, gateCounts }),
    // What only informs and has no data is told among what the report does not show.
    gates: record.verdicts.filter(({ informs, verdict }) => !informs || verdict !== 'unmeasured').map(gateView),
    gateCounts,
    notMeasured: notMeasured(input),
    metrics,
    slices: sliceView(evaluation?.slices ?? []),
    worst: worstCases(evaluation ?? { cases: [], metrics: [] }),
    training,
    shadow: input.shadow ?? null,
    canary,
    stages: stageSpans(record),
    events: record.timeline.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at)),
    facts: recordFacts(record),
  };
}
