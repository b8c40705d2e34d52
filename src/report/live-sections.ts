import { formatSeconds, formatTime } from '../domain/report/format.js';
import type { ReportModel } from '../domain/report/report-model.js';
import type { StageGroup, StageSpan } from '../domain/report/stage-spans.js';
import { canaryChart, canarySentence, guardColour } from './canary-chart.js';
import { colours } from './chart.js';
import { learningRateChart, lossChart, lossSentence } from './curve-charts.js';
import { html, type Markup } from './html.js';
import { colourKey, figure, section } from './page.js';

/** Loss curves; null where nothing was trained or no curve is left. */
export function trainingSection({ training }: Pick<ReportModel, 'training'>): Markup | null {
  if (training === null || training.loss.length + training.validationLoss.length === 0) return null;
  const size = { width: 500, height: 240 };
  const rate = figure({
    title: 'Learning rate',
    caption: 'By optimiser step.',
    chart: learningRateChart({ points: training.learningRate, ...size }),
  });
  return section({
    title: 'Training',
    lead: null,
    body: html`${colourKey([
        { colour: colours.challenger, text: 'training rows' },
        { colour: colours.champion, text: 'held-out rows' },
      ])}
      <div class="charts">
        ${figure({ title: 'Loss', caption: lossSentence(training), chart: lossChart({ training, ...size }) })}
        ${training.learningRate.length === 0 ? null : rate}
      </div>`,
  });
}

/** The canary over time; null where there was none. */
export function canarySection({ canary }: Pick<ReportModel, 'canary'>): Markup | null {
  if (canary === null) return null;
  return section({
    title: 'Canary',
    lead: 'Each guard gathers evidence that an event is more frequent for users of the challenger than its margin allows. It fails, and traffic goes back, when the evidence reaches its dashed line; looking often does not raise the chance of a false alarm.',
    body: html`${colourKey([
      { colour: colours.challenger, text: 'challenger' },
      { colour: colours.champion, text: 'champion' },
      ...canary.guards.map(({ event }, index) => ({ colour: guardColour(index), text: `guard ${event}` })),
    ])}${figure({
      title: 'From the first look to the last',
      caption: canarySentence(canary),
      chart: canaryChart({ view: canary, width: 1030, height: 470 }),
    })}`,
  });
}

const groupWords: Record<StageGroup, string> = {
  offline: 'nobody sees it',
  waiting: 'waits for people',
  users: 'users may be on it',
  closing: 'closing',
};
const groupColours: Record<StageGroup, string> = {
  offline: 'var(--baseline)',
  waiting: 'var(--guard3)',
  users: 'var(--challenger)',
  closing: 'var(--closing)',
};

/** What the colours of the stages mean. */
export const stageKey = (spans: readonly StageSpan[]): Markup =>
  colourKey(
    (['offline', 'waiting', 'users', 'closing'] as const)
      .filter((group) => spans.some((span) => span.group === group))
      .map((group) => ({ colour: groupColours[group], text: groupWords[group] })),
  );

/** A bar on a track; `start` and `width` are shares of the track. */
export const bar = ({
  group,
  start,
  width,
  title,
}: {
  group: StageGroup;
  start: number;
  width: number;
  title: string;
}): Markup =>
  html`<span
    class="bar ${group}"
    title="${title}"
    style="left:${(Math.min(start, 0.997) * 100).toFixed(2)}%;width:${(width * 100).toFixed(2)}%"
  ></span>`;

const stageRow = (span: StageSpan): Markup => {
  const spent = formatSeconds(span.seconds);
  return html`<span>${span.stage}</span><span class="track">${bar({ ...span, title: `${span.stage}: ${spent}` })}</span
    ><span class="time">${spent}</span>`;
};

/** Stages as bars over the release's whole time, and everything that was noted on the way. */
export function timelineSection({ stages, events }: Pick<ReportModel, 'stages' | 'events'>): Markup | null {
  if (stages.length === 0 && events.length === 0) return null;
  return section({
    title: 'Timeline',
    lead: null,
    body: html`${stages.length === 0 ? null : stageKey(stages)}
      <div class="spans">${stages.map(stageRow)}</div>
      <details>
        <summary>All ${events.length} events</summary>
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>Time</th>
                <th>Event</th>
              </tr>
            </thead>
            <tbody>
              ${events.map(
                ({ at, event }) =>
                  html`<tr>
                    <td class="number">${formatTime(at)}</td>
                    <td>${event}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>`,
  });
}
