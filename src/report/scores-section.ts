import { metricShape } from '../domain/evaluation/scorers.js';
import { formatDifference } from '../domain/report/format.js';
import type { ReportModel, SliceView } from '../domain/report/report-model.js';
import type { ArmName, MetricView } from '../domain/report/score-views.js';
import { colours } from './chart.js';
import { html, type Markup } from './html.js';
import { badge, colourKey, figure, section } from './page.js';
import { differencesChart, differencesSentence, distributionChart, meansSentence } from './score-charts.js';

const size = { width: 500, height: 250 };

/** What the colours of the arms are, with how their means are drawn. */
export const armKey = (arms: readonly ArmName[]): Markup =>
  colourKey(arms.map((arm) => ({ colour: colours[arm], text: arm })));

const metricFigures = (view: MetricView): Markup[] => [
  figure({ title: view.metric, caption: meansSentence(view), chart: distributionChart({ view, ...size }) }),
  ...(view.differences === null
    ? []
    : [
        figure({
          title: `${view.metric}: challenger minus champion, case by case`,
          caption: differencesSentence(view.differences),
          chart: differencesChart({ ...view, view: view.differences, ...size }),
        }),
      ]),
];

/** Distributions of every metric for all arms, and paired differences; null when nothing was evaluated. */
export function scoresSection({
  metrics,
  open = metrics.length,
}: Pick<ReportModel, 'metrics'> & {
  /** How many metrics are shown at once; the others unfold. */
  open?: number;
}): Markup | null {
  if (metrics.length === 0) return null;
  const arms = [...new Set(metrics.flatMap((view) => view.arms.map(({ arm }) => arm)))];
  return section({
    title: 'Answers on the golden set',
    lead: 'How the scores of all cases are spread; the upright lines are the means.',
    body: html`${armKey(arms)}
      <div class="charts">${metrics.slice(0, open).map(metricFigures)}</div>
      ${
        metrics.length <= open
          ? null
          : html`<details>
              <summary>
                ${metrics
                  .slice(open)
                  .map((view) => view.metric)
                  .join(', ')}
              </summary>
              <div class="charts">${metrics.slice(open).map(metricFigures)}</div>
            </details>`
      }`,
  });
}

const graphWidth = 300;

function interval(row: SliceView): Markup {
  const { low, high } = row.scale;
  const inside = (at: number): number => Math.min(high, Math.max(low, at));
  const x = (at: number): string => (((inside(at) - low) / (high - low)) * graphWidth).toFixed(1);
  const above = metricShape(row.metric).better === 'higher' ? colours.good : colours.bad;
  const below = above === colours.good ? colours.bad : colours.good;
  const colour = row.few === true ? colours.muted : row.low > 0 ? above : row.high < 0 ? below : colours.muted;
  const said = `${row.slice}: ${formatDifference(row.difference)}, from ${formatDifference(row.low)} to ${formatDifference(row.high)}`;
  return html`<svg width="${graphWidth}" height="22" viewBox="0 0 ${graphWidth} 22" role="img" aria-label="${said}">
    <line x1="${x(0)}" x2="${x(0)}" y1="0" y2="22" stroke="var(--muted)" stroke-dasharray="3 3" />
    <line x1="${x(row.low)}" x2="${x(row.high)}" y1="11" y2="11" stroke="${colour}" stroke-width="2.5" />
    <rect x="${(Number(x(row.difference)) - 4.5).toFixed(1)}" y="6.5" width="9" height="9" rx="1.5" fill="${colour}" />
  </svg>`;
}

/**
 * A forest plot: every slice's difference with its interval, on one scale a metric; null without slices. The scale is that
 * of slices with cases enough: the interval of a few cases would leave nothing to see of all others.
 */
export function slicesSection({ slices }: Pick<ReportModel, 'slices'>): Markup | null {
  if (slices === null) return null;
  return section({
    title: 'Slices',
    lead: 'Challenger minus champion in each slice, with its interval; the dashed line is 0. In green intervals the challenger is better, in red ones worse; grey ones hold 0 or rest on too few cases to tell (under 20 clusters, or 30 cases that differ), and may go on beyond the picture. Among many slices one is soon red by chance: only those called harmed are worse after Holm. Slices inform.',
    body: html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Slice</th>
            <th>Metric</th>
            <th class="number">n</th>
            <th class="number">Difference</th>
            <th class="number">Interval</th>
            <th>lower ← 0 → higher</th>
          </tr>
        </thead>
        <tbody>
          ${slices.map(
            (row) =>
              html`<tr>
                <td class="strong">
                  ${row.slice} ${row.harmed === true ? badge({ tone: 'bad', text: 'harmed' }) : null}
                  ${row.few === true ? badge({ tone: 'neutral', text: 'few' }) : null}
                </td>
                <td>${row.metric}</td>
                <td class="number">${row.n}</td>
                <td class="number">${formatDifference(row.difference)}</td>
                <td class="number">${formatDifference(row.low)} … ${formatDifference(row.high)}</td>
                <td class="graph">${interval(row)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`,
  });
}
