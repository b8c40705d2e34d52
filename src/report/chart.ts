import { LineChart, BarChart, type BarSeriesOption, type LineSeriesOption } from 'echarts/charts';
import {
  GridComponent,
  type GridComponentOption,
  MarkLineComponent,
  type MarkLineComponentOption,
} from 'echarts/components';
import { type ComposeOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { sha256Hex } from '../domain/release/evidence.js';
import { escapeHtml, type Markup, trusted } from './html.js';

use([LineChart, BarChart, GridComponent, MarkLineComponent, SVGRenderer]);

export type ChartOption = ComposeOption<
  LineSeriesOption | BarSeriesOption | GridComponentOption | MarkLineComponentOption
>;

export const fontFamily = 'system-ui, sans-serif';

/** Colours are CSS variables of the page, so that one drawing fits light, dark and paper. */
export const colours = {
  challenger: 'var(--challenger)',
  champion: 'var(--champion)',
  baseline: 'var(--baseline)',
  good: 'var(--good)',
  bad: 'var(--bad)',
  muted: 'var(--muted)',
  ink: 'var(--ink)',
} as const;
export const guardColours = ['var(--guard1)', 'var(--guard2)', 'var(--guard3)', 'var(--guard4)', 'var(--guard5)'];

/** How an axis looks everywhere: quiet lines, small grey figures. */
export const axisLook = {
  axisLine: { lineStyle: { color: 'var(--line)' } },
  axisTick: { lineStyle: { color: 'var(--line)' } },
  axisLabel: { color: colours.muted, fontSize: 12, hideOverlap: true },
  splitLine: { lineStyle: { color: 'var(--soft)' } },
  minorTick: { show: false },
  minorSplitLine: { show: false },
  nameTextStyle: { color: colours.muted, fontSize: 12 },
};

/**
 * Draws a chart as inline SVG, without a browser.
 * @param label what a screen reader says instead of the drawing, with its figures
 */
export function drawChart({
  option,
  width,
  height,
  label,
}: {
  option: ChartOption;
  width: number;
  height: number;
  label: string;
}): Markup {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily, color: colours.ink }, ...option });
    return trusted(withLabel({ svg: withOwnIds(chart.renderToSVGString()), label }));
  } finally {
    chart.dispose();
  }
}

/**
 * ECharts counts classes and ids through the process. The classes only serve the mouse and go; ids are made from the
 * drawing, so that they are the same in every run and clash with none.
 */
function withOwnIds(svg: string): string {
  const still = svg
    .replace(/ class="zr\d+-cls-\d+"| pointer-events="visible"/g, '')
    .replace(/<style >\s*<!\[CDATA\[[^]*?\]\]>\s*<\/style>/, '');
  const id = /(id="|url\(#)zr\d+-/g;
  const own = sha256Hex(still.replace(id, '$1')).slice(0, 8);
  return still.replace(id, `$1c${own}-`);
}

const withLabel = ({ svg, label }: { svg: string; label: string }): string =>
  svg.replace(/^<svg [^>]*?(viewBox="[^"]*")[^>]*>/, `<svg $1 role="img" aria-label="${escapeHtml(label)}">`);
