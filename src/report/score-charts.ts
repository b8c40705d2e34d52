import { formatDifference, formatNumber } from '../domain/report/format.js';
import type { ArmScores, DifferencesView, Histogram, MetricView } from '../domain/report/score-views.js';
import { axisLook, type ChartOption, colours, drawChart } from './chart.js';
import type { Markup } from './html.js';

const grid = { left: 8, right: 14, top: 30, bottom: 6, outerBoundsMode: 'same' as const };
const percentAxis = {
  ...axisLook,
  axisLine: { ...axisLook.axisLine, onZero: false },
  type: 'value' as const,
  name: 'share of cases',
  nameTextStyle: { ...axisLook.nameTextStyle, align: 'left' as const },
  axisLabel: { ...axisLook.axisLabel, formatter: (value: number) => `${formatNumber(value * 100)} %` },
};

/** The outline of a histogram: up and down at every border, starting and ending on the ground. */
function outline({ edges, shares }: Histogram): [number, number][] {
  const points = shares.flatMap((share, bin): [number, number][] => [
    [edges[bin]!, share],
    [edges[bin + 1]!, share],
  ]);
  return [[edges[0]!, 0], ...points, [edges.at(-1)!, 0]];
}

export const meansSentence = ({ arms, direction }: MetricView): string =>
  `Means: ${arms.map(({ arm, mean, n }) => `${arm} ${formatNumber(mean)} (n ${n})`).join(', ')}. ${direction === 'higher' ? 'Higher' : 'Lower'} is better.`;

const dash: Record<ArmScores['arm'], 'solid' | 'dashed' | 'dotted'> = {
  challenger: 'solid',
  champion: 'dashed',
  baseline: 'dotted',
};

/** Scores of all arms over the same bins, each with a line at its mean. */
export function distributionChart({
  view,
  width,
  height,
}: {
  view: MetricView;
  width: number;
  height: number;
}): Markup {
  const edges = view.arms[0]?.histogram.edges ?? [0, 1];
  const option: ChartOption = {
    grid,
    xAxis: { ...axisLook, type: 'value', min: edges[0]!, max: edges.at(-1)!, splitLine: { show: false } },
    yAxis: percentAxis,
    series: view.arms.toReversed().map(({ arm, mean, histogram }) => ({
      type: 'line',
      data: outline(histogram),
      showSymbol: false,
      lineStyle: { color: colours[arm], width: 2 },
      areaStyle: { color: colours[arm], opacity: arm === 'baseline' ? 0.06 : 0.14 },
      markLine: {
        silent: true,
        symbol: 'none',
        label: { show: false },
        lineStyle: { color: colours[arm], type: dash[arm], width: 2 },
        data: [{ xAxis: mean }],
      },
    })),
  };
  return drawChart({ option, width, height, label: `Distribution of ${view.metric}. ${meansSentence(view)}` });
}

export const differencesSentence = ({ n, mean, better, same, worse }: DifferencesView): string =>
  `Of ${n} cases the challenger is better in ${better}, the same in ${same}, worse in ${worse}; ` +
  `mean difference ${formatDifference(mean)}.`;

/** Challenger minus champion, case by case. */
export function differencesChart({
  metric,
  direction,
  view,
  width,
  height,
}: Pick<MetricView, 'metric' | 'direction'> & {
  view: DifferencesView;
  width: number;
  height: number;
}): Markup {
  const { edges, shares } = view.histogram;
  const centre = (shares.length - 1) / 2;
  const colourOf = (bin: number): string =>
    bin === centre ? colours.baseline : bin > centre === (direction === 'higher') ? colours.good : colours.bad;
  const reach = edges.at(-1)!;
  const option: ChartOption = {
    grid,
    xAxis: [
      { type: 'category', show: false, data: shares.map((_, bin) => String(bin)) },
      {
        ...axisLook,
        type: 'value',
        position: 'bottom',
        min: -reach,
        max: reach,
        splitLine: { show: false },
        axisLabel: { ...axisLook.axisLabel, formatter: (value: number) => formatDifference(value) },
      },
    ],
    yAxis: percentAxis,
    series: [
      {
        type: 'bar',
        barCategoryGap: '12%',
        data: shares.map((share, bin) => ({ value: share, itemStyle: { color: colourOf(bin), opacity: 0.85 } })),
      },
      {
        type: 'line',
        xAxisIndex: 1,
        data: [],
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          lineStyle: { color: colours.ink, type: 'dashed', width: 2 },
          data: [{ xAxis: view.mean }],
        },
      },
    ],
  };
  const label = `Differences in ${metric}, challenger minus champion. ${differencesSentence(view)}`;
  return drawChart({ option, width, height, label });
}
