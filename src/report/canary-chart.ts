import type { LineSeriesOption } from 'echarts/charts';
import type { CanaryView } from '../domain/report/canary-view.js';
import { formatNumber, formatShare } from '../domain/report/format.js';
import { axisLook, type ChartOption, colours, drawChart, guardColours } from './chart.js';
import type { Markup } from './html.js';

/** Smallest e-value drawn: below it a guard is quiet, and how quiet says nothing more. */
const floor = 0.001;

export const guardColour = (index: number): string => guardColours[index % guardColours.length]!;

/** What the canary showed, in words. */
export function canarySentence({ guards, highestShare, looks }: CanaryView): string {
  const said = guards.map(({ event, highest, threshold, failedAt }) =>
    failedAt === null
      ? `${event} reached ${formatNumber(highest)} of ${formatNumber(threshold)}`
      : `${event} reached ${formatNumber(highest)} >= ${formatNumber(threshold)} and failed`,
  );
  return `${looks} looks, share up to ${formatShare(highestShare)}; e-values: ${said.join(', ') || 'none'}.`;
}

const evidenceSeries = ({ view, axis }: { view: CanaryView; axis: number }): LineSeriesOption[] =>
  view.guards.map(({ points, threshold }, index) => ({
    type: 'line',
    xAxisIndex: axis,
    yAxisIndex: axis,
    data: points.map(([time, value]) => [time, Math.max(floor, value)]),
    showSymbol: points.length === 1,
    itemStyle: { color: guardColour(index) },
    lineStyle: { color: guardColour(index), width: 2 },
    markLine: {
      silent: true,
      symbol: 'none',
      label: { show: false },
      lineStyle: { color: guardColour(index), type: 'dashed', width: 1.5 },
      data: [{ yAxis: threshold }],
    },
  }));

/** A logarithmic axis from a power of ten at or under the quietest guard to one over the loudest and its threshold. */
function evidenceAxis({ guards }: CanaryView) {
  const values = guards.flatMap(({ points, threshold }) => [threshold, ...points.map(([, value]) => value)]);
  const lowest = Math.max(
    floor,
    values.reduce((least, value) => Math.min(least, value), 0.1),
  );
  const highest = values.reduce((most, value) => Math.max(most, value), 1);
  return {
    ...axisLook,
    type: 'log' as const,
    min: 10 ** Math.floor(Math.log10(lowest)),
    max: 10 ** Math.ceil(Math.log10(highest * 1.2)),
    axisLabel: { ...axisLook.axisLabel, formatter: (value: number) => formatNumber(value) },
  };
}

const timeAxis = ({ view, index, labels }: { view: CanaryView; index: number; labels: boolean }) => ({
  ...axisLook,
  type: 'value' as const,
  gridIndex: index,
  min: 0,
  max: view.end === 0 ? 1 : view.end,
  splitLine: { show: false },
  axisLabel: {
    ...axisLook.axisLabel,
    show: labels,
    alignMaxLabel: 'right' as const,
    formatter: (value: number) => `${formatNumber(Number(value.toPrecision(3)))} ${view.unit}`,
  },
});

const axisName = (text: string, indent: number) => ({
  name: text,
  nameTextStyle: { ...axisLook.nameTextStyle, align: 'left' as const, padding: [0, 0, 0, -indent] },
});

/** The share of users, the evidence of every guard with its threshold, and the keys seen, over one time axis. */
export function canaryChart({ view, width, height }: { view: CanaryView; width: number; height: number }): Markup {
  const [top, gap, bottom, left] = [28, 42, 28, 58];
  const room = height - top - 2 * gap - bottom;
  const heights = [room * 0.2, room * 0.5, room * 0.3];
  const tops = [top, top + heights[0]! + gap, top + heights[0]! + heights[1]! + 2 * gap];
  const line = { type: 'line' as const, showSymbol: view.looks === 1 };
  const option: ChartOption = {
    grid: heights.map((size, index) => ({ left, right: 24, top: tops[index]!, height: size, outerBoundsMode: 'none' })),
    xAxis: [0, 1, 2].map((index) => timeAxis({ view, index, labels: index === 2 })),
    yAxis: [
      {
        ...axisLook,
        ...axisName('users on the challenger', left),
        type: 'value',
        gridIndex: 0,
        min: 0,
        max: 1,
        interval: 0.5,
        axisLabel: { ...axisLook.axisLabel, formatter: (value: number) => formatShare(value) },
      },
      { ...evidenceAxis(view), ...axisName('e-value (log scale); dashed: the guard fails', left), gridIndex: 1 },
      { ...axisLook, ...axisName('distinct keys seen', left), type: 'value', gridIndex: 2, splitNumber: 3 },
    ],
    series: [
      {
        ...line,
        step: 'end',
        data: view.share,
        itemStyle: { color: colours.challenger },
        lineStyle: { color: colours.challenger, width: 2 },
        areaStyle: { color: colours.challenger, opacity: 0.14 },
      },
      ...evidenceSeries({ view, axis: 1 }),
      ...(['challenger', 'champion'] as const).map((arm) => ({
        ...line,
        xAxisIndex: 2,
        yAxisIndex: 2,
        data: view[`${arm}Keys`],
        itemStyle: { color: colours[arm] },
        lineStyle: { color: colours[arm], width: 2 },
      })),
    ],
  };
  return drawChart({ option, width, height, label: `Canary over time. ${canarySentence(view)}` });
}

/** Only the evidence of the guards, small, for the overview. */
export function evidenceChart({ view, width, height }: { view: CanaryView; width: number; height: number }): Markup {
  const option: ChartOption = {
    grid: { left: 8, right: 24, top: 28, bottom: 6, outerBoundsMode: 'same' },
    xAxis: timeAxis({ view, index: 0, labels: true }),
    yAxis: {
      ...evidenceAxis(view),
      name: 'e-value (log)',
      nameTextStyle: { ...axisLook.nameTextStyle, align: 'left' },
    },
    series: evidenceSeries({ view, axis: 0 }),
  };
  return drawChart({ option, width, height, label: `Evidence of the guards. ${canarySentence(view)}` });
}
