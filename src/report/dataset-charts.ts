import type { DistributionView } from '../domain/report/dataset-view.js';
import { formatCount, formatNumber, formatShare } from '../domain/report/format.js';
import { axisLook, type ChartOption, colours, drawChart } from './chart.js';
import type { Markup } from './html.js';

export const versionColours = { current: colours.challenger, previous: colours.champion } as const;

const grid = { left: 8, right: 22, top: 26, bottom: 6, outerBoundsMode: 'same' as const };
const longestLabel = 22;

const shareLabels = { ...axisLook.axisLabel, formatter: (value: number) => `${formatNumber(value * 100)} %` };

const shortened = (text: string): string => (text.length > longestLabel ? `${text.slice(0, longestLabel - 1)}…` : text);

type ValuesView = Extract<DistributionView, { kind: 'values' }>;
type OutlineView = Exclude<DistributionView, { kind: 'values' }>;

const said = (view: DistributionView): string => `Distribution of ${view.column}. ${view.sentence}`;

function valuesChart({ view, width }: { view: ValuesView; width: number }): Markup {
  const { labels, current, previous } = view;
  const series: { shares: number[]; colour: string }[] = [{ shares: current, colour: versionColours.current }];
  if (previous !== null) series.push({ shares: previous, colour: versionColours.previous });
  const option: ChartOption = {
    grid: { ...grid, top: 6, right: 52 },
    xAxis: { ...axisLook, type: 'value', min: 0, splitNumber: 4, axisLabel: { ...shareLabels, showMaxLabel: false } },
    yAxis: {
      ...axisLook,
      type: 'category',
      inverse: true,
      data: labels.map(shortened),
      axisTick: { show: false },
      axisLabel: { ...axisLook.axisLabel, hideOverlap: false, interval: 0 },
    },
    series: series.map(({ shares, colour }) => ({
      type: 'bar',
      data: shares,
      barGap: '12%',
      barCategoryGap: '28%',
      itemStyle: { color: colour, opacity: 0.88, borderRadius: [0, 3, 3, 0] },
      label: {
        show: true,
        position: 'right',
        color: colours.muted,
        fontSize: 11,
        formatter: ({ value }: { value?: unknown }) => formatShare(Number(value)),
      },
    })),
  };
  const rowHeight = previous === null ? 24 : 36;
  return drawChart({ option, width, height: 34 + rowHeight * labels.length, label: said(view) });
}

/** Up and down at every border, starting and ending on the ground. */
function outline({ from, to }: OutlineView, shares: readonly number[]): [number, number][] {
  const edge = (bar: number): number => from + ((to - from) * bar) / shares.length;
  const points = shares.flatMap((share, bar): [number, number][] => [
    [edge(bar), share],
    [edge(bar + 1), share],
  ]);
  return [[from, 0], ...points, [to, 0]];
}

function outlineChart({ view, width }: { view: OutlineView; width: number }): Markup {
  const lines = [{ shares: view.current, colour: versionColours.current, dash: 'solid' as const }];
  const before =
    view.previous === null ? [] : [{ shares: view.previous, colour: versionColours.previous, dash: 'dashed' as const }];
  const option: ChartOption = {
    grid,
    xAxis: {
      ...axisLook,
      type: 'value',
      min: view.from,
      max: view.to,
      splitLine: { show: false },
      axisLabel: { ...axisLook.axisLabel, showMaxLabel: false, formatter: (value: number) => formatCount(value) },
    },
    yAxis: {
      ...axisLook,
      type: 'value',
      name: 'share of rows',
      nameTextStyle: { ...axisLook.nameTextStyle, align: 'left' },
      splitNumber: 4,
      axisLabel: shareLabels,
    },
    series: [...before, ...lines].map(({ shares, colour, dash }) => ({
      type: 'line',
      data: outline(view, shares),
      showSymbol: false,
      lineStyle: { color: colour, width: 2, type: dash },
      areaStyle: { color: colour, opacity: dash === 'solid' ? 0.16 : 0.05 },
    })),
  };
  return drawChart({ option, width, height: 230, label: said(view) });
}

/** What a column holds, now and in the version before. */
export const distributionChart = ({ view, width }: { view: DistributionView; width: number }): Markup =>
  view.kind === 'values' ? valuesChart({ view, width }) : outlineChart({ view, width });
