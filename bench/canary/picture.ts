import type { BarSeriesOption } from 'echarts/charts';
import { axisLook, colours, drawChart, type ChartOption } from '../../src/report/chart.js';

export interface PictureRow {
  name: string;
  /** Shares of canaries without a difference that were rolled back, at the planned horizon and at ten times it. */
  quiet: number;
  tenTimes: number;
  /** Share of faults found, and after how many requests on average. */
  found: number;
  mean: number | null;
}

/** The report's colours, which a picture of its own has no page to take from. */
const ink: Readonly<Record<string, string>> = {
  challenger: '#2563eb',
  champion: '#64748b',
  bad: '#b91c1c',
  muted: '#64748b',
  ink: '#0f172a',
  line: '#cbd5e1',
  soft: '#e2e8f0',
};

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

/** What each method gets wrong, and how long a fault takes it, as one SVG. */
export function canaryPicture({ rows }: { rows: readonly PictureRow[] }): string {
  const shown = [...rows].reverse();
  const names = { ...axisLook, type: 'category' as const, data: shown.map(({ name }) => name) };
  const series = (
    input: { name: string; panel: number; colour: string; label: (row: PictureRow) => string },
    value: (row: PictureRow) => number,
  ): BarSeriesOption => ({
    type: 'bar',
    name: input.name,
    xAxisIndex: input.panel,
    yAxisIndex: input.panel,
    data: shown.map(value),
    itemStyle: { color: input.colour },
    label: {
      show: true,
      position: 'right',
      color: colours.muted,
      formatter: ({ dataIndex }) => input.label(shown[dataIndex]!),
    },
  });
  const panel = (index: number, name: string, max: number) => ({
    ...axisLook,
    type: 'value' as const,
    gridIndex: index,
    name,
    nameLocation: 'middle' as const,
    nameGap: 28,
    min: 0,
    max,
    axisLabel: {
      ...axisLook.axisLabel,
      formatter: (value: number) => (index === 0 ? percent(value) : `${value / 1000}k`),
    },
  });
  const option: ChartOption = {
    backgroundColor: '#ffffff',
    grid: [
      { left: 250, width: 330, top: 16, bottom: 48 },
      { left: 660, width: 300, top: 16, bottom: 48 },
    ],
    xAxis: [
      panel(0, 'rolled back though nothing was wrong (grey: ten times the horizon)', 1),
      panel(1, 'requests until a fault of three times the errors is found', 40_000),
    ],
    yAxis: [
      { ...names, gridIndex: 0 },
      { ...names, gridIndex: 1, axisLabel: { show: false } },
    ],
    series: [
      series(
        { name: 'ten times', panel: 0, colour: colours.champion, label: ({ tenTimes }) => percent(tenTimes) },
        ({ tenTimes }) => tenTimes,
      ),
      series(
        { name: 'planned', panel: 0, colour: colours.bad, label: ({ quiet }) => percent(quiet) },
        ({ quiet }) => quiet,
      ),
      series(
        {
          ...{ name: 'delay', panel: 1, colour: colours.challenger },
          label: ({ found, mean }) => (mean === null ? 'never' : `${Math.round(mean)}, ${percent(found)} found`),
        },
        ({ mean }) => mean ?? 0,
      ),
    ],
  };
  const label = rows
    .map(
      ({ name, quiet, tenTimes, found }) => `${name}: ${percent(quiet)}, ${percent(tenTimes)}, found ${percent(found)}`,
    )
    .join('; ');
  const svg = drawChart({ option, width: 1060, height: 60 + 52 * rows.length, label }).text;
  return svg
    .replace(/var\(--([a-z]+)\)/g, (_, name: string) => ink[name] ?? '#64748b')
    .replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ');
}
