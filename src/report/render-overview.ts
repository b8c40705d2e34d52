import { formatSeconds, formatTime } from '../domain/report/format.js';
import { overviewModel, type OverviewModel, type OverviewRow } from '../domain/report/overview-model.js';
import type { OverviewInput } from '../domain/report/report-input.js';
import { canarySentence, evidenceChart, guardColour } from './canary-chart.js';
import { colours } from './chart.js';
import { lossChart, lossSentence } from './curve-charts.js';
import { html, type Markup } from './html.js';
import { bar, stageKey } from './live-sections.js';
import { badge, colourKey, figure, page, section } from './page.js';
import { distributionChart, meansSentence } from './score-charts.js';

const size = { width: 330, height: 220 };

/** Only links that stay on the web or on disk; anything else is shown as text. */
const linked = ({ href, text }: { href: string | null; text: string }): Markup =>
  href === null || /^(?!https?:|file:)[a-z][a-z0-9+.-]*:/i.test(href)
    ? html`${text}`
    : html`<a href="${href}">${text}</a>`;

const outcomeBadge = ({ model }: OverviewRow): Markup => badge({ tone: model.outcome.tone, text: model.outcome.word });

function summary({ rows, scoreName }: OverviewModel): Markup {
  return section({
    title: 'Releases',
    lead: null,
    body: html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Release</th>
            <th>Outcome</th>
            <th class="number">${scoreName}</th>
            <th class="number">Difference</th>
            <th class="number">Gates</th>
            <th class="number">Canary to</th>
            <th class="number">Time</th>
            <th class="number">Cost</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                <td class="strong name">${linked({ href: row.reportHref, text: row.model.releaseId })}</td>
                <td>${outcomeBadge(row)}</td>
                <td class="number">${row.score}</td>
                <td class="number">${row.difference}</td>
                <td class="number">${row.gates}</td>
                <td class="number">${row.canary}</td>
                <td class="number">${row.time}</td>
                <td class="number">${row.cost}</td>
                <td class="reason">${row.reasons.join('; ')}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`,
  });
}

function lifecycle({ rows, champions, axis }: OverviewModel): Markup {
  const spans = rows.flatMap((row) => row.spans);
  const served = champions.map(({ label, start, width }) => {
    const place = `left:${(start * 100).toFixed(2)}%;width:${(width * 100).toFixed(2)}%`;
    return html`<span class="bar served" style="${place}" title="${label}"><span>${label}</span></span>`;
  });
  return section({
    title: 'Lifecycle',
    lead: `From ${formatTime(axis.from)} over ${formatSeconds(axis.seconds)}: who served users, and what each release went through.`,
    body: html`${spans.length === 0 ? null : stageKey(spans)}
      <div class="spans">
        <span>serves users</span><span class="track tall">${served}</span><span></span> ${rows.map(
          (row) =>
            html`<span>${row.model.releaseId}</span
              ><span class="track">${row.spans.map((span) => bar({ ...span, title: span.label }))}</span
              ><span class="time">${row.time}</span>`,
        )}
      </div>`,
  });
}

const missing = (title: string, text: string): Markup =>
  html`<figure>
    <figcaption><strong>${title}</strong>${text}</figcaption>
  </figure>`;

function releaseCharts({ model }: OverviewRow): Markup {
  const primary = model.metrics[0];
  const { training, canary } = model;
  return html`<div class="charts three">
    ${
      training === null
        ? missing('Loss', 'Nothing was trained, or no curve is left.')
        : figure({ title: 'Loss', caption: lossSentence(training), chart: lossChart({ training, ...size }) })
    }
    ${
      primary === undefined
        ? missing('Scores', 'Nothing was evaluated.')
        : figure({
            title: primary.metric,
            caption: meansSentence(primary),
            chart: distributionChart({ view: primary, ...size }),
          })
    }
    ${
      canary === null
        ? missing('Guards', 'There was no canary.')
        : figure({
            title: 'Guards',
            caption: canarySentence(canary),
            chart: evidenceChart({ view: canary, ...size }),
          })
    }
  </div>`;
}

function releaseSection(row: OverviewRow): Markup {
  const { model, reportHref } = row;
  const guards = model.canary?.guards ?? [];
  return html`<section>
    <h2 class="withBadge">${model.releaseId} ${outcomeBadge(row)}</h2>
    <p class="lead">
      ${model.outcome.sentence}${reportHref === null ? null : html` ${linked({ href: reportHref, text: 'Full report' })}`}
    </p>
    ${colourKey([
      { colour: colours.challenger, text: 'challenger; loss on training rows' },
      { colour: colours.champion, text: 'champion; loss on held-out rows' },
      { colour: colours.baseline, text: 'baseline' },
      ...guards.map(({ event }, index) => ({ colour: guardColour(index), text: `guard ${event}` })),
    ])}
    ${releaseCharts(row)}
  </section>`;
}

/**
 * Several releases of one model on one self-contained HTML page: how each ended, who served users when, the key
 * charts of each, and links to their reports. Escaped and repeatable as `renderReport` is.
 */
export function renderOverview(input: OverviewInput): string {
  const model = overviewModel(input);
  const body = html`<h1>Understudy</h1>
    <section class="banner neutral">
      <div class="word plain">${model.model}</div>
      <p class="why">${model.sentence}</p>
      <p class="about">
        ${formatSeconds(model.axis.seconds)} in all, ${model.totalCost} · written ${formatTime(input.generatedAt)}
      </p>
    </section>
    ${
      input.notes.length === 0
        ? null
        : html`<section class="callout">
            <h2>Good to know</h2>
            <ul>
              ${input.notes.map((note) => html`<li>${note}</li>`)}
            </ul>
          </section>`
    }
    ${summary(model)} ${model.rows.length === 0 ? null : lifecycle(model)} ${model.rows.map(releaseSection)}`;
  return page({ title: `${model.model}: ${input.releases.length} releases`, body });
}
