import { formatNumber } from '../domain/report/format.js';
import type { Point, ReportTraining } from '../domain/report/report-input.js';
import { axisLook, type ChartOption, colours, drawChart } from './chart.js';
import type { Markup } from './html.js';

const pairs = (points: readonly Point[]): [number, number][] => points.map(({ step, value }) => [step, value]);

const grid = { left: 8, right: 14, top: 26, bottom: 6, outerBoundsMode: 'same' as const };

const stepAxis = { ...axisLook, type: 'value' as const, min: 'dataMin' as const, splitLine: { show: false } };

const lastOf = (points: readonly Point[]): string =>
  points.length === 0 ? 'not measured' : formatNumber(points.at(-1)!.value);

/** What the last points of the curves say, in words. */
export const lossSentence = ({ loss, validationLoss }: ReportTraining): string =>
  `Last training loss ${lastOf(loss)}, last loss on held-out rows ${lastOf(validationLoss)}.`;

/** Training and validation loss over optimiser steps. */
export function lossChart({
  training,
  width,
  height,
}: {
  training: ReportTraining;
  width: number;
  height: number;
}): Markup {
  const option: ChartOption = {
    grid,
    xAxis: stepAxis,
    yAxis: { ...axisLook, type: 'value', name: 'loss', nameLocation: 'end', scale: true },
    series: [
      {
        type: 'line',
        data: pairs(training.loss),
        showSymbol: false,
        lineStyle: { color: colours.challenger, width: 2 },
      },
      {
        type: 'line',
        data: pairs(training.validationLoss),
        symbol: 'circle',
        symbolSize: 7,
        showAllSymbol: true,
        itemStyle: { color: colours.champion },
        lineStyle: { color: colours.champion, width: 2 },
      },
    ],
  };
  return drawChart({ option, width, height, label: `Loss over training steps. ${lossSentence(training)}` });
}

/** Learning rate over optimiser steps. */
export function learningRateChart({
  points,
  width,
  height,
}: {
  points: readonly Point[];
  width: number;
  height: number;
}): Markup {
  const highest = points.reduce((most, { value }) => Math.max(most, value), 0);
  const option: ChartOption = {
    grid,
    xAxis: stepAxis,
    yAxis: {
      ...axisLook,
      type: 'value',
      name: 'learning rate',
      nameTextStyle: { ...axisLook.nameTextStyle, align: 'left' },
      axisLabel: { ...axisLook.axisLabel, formatter: (value: number) => formatNumber(value) },
    },
    series: [
      {
        type: 'line',
        data: pairs(points),
        showSymbol: false,
        lineStyle: { color: colours.baseline, width: 2 },
        areaStyle: { color: colours.baseline, opacity: 0.12 },
      },
    ],
  };
  return drawChart({ option, width, height, label: `Learning rate, at most ${formatNumber(highest)}.` });
}
