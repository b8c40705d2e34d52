import type { ReportInput } from '../domain/report/report-input.js';
import { reportModel, type ReportModel } from '../domain/report/report-model.js';
import { formatTime } from '../domain/report/format.js';
import { casesSection } from './cases-section.js';
import { gatesSection } from './gates-section.js';
import { html, type Markup } from './html.js';
import { canarySection, timelineSection, trainingSection } from './live-sections.js';
import { icon, page, section, tile } from './page.js';
import { scoresSection, slicesSection } from './scores-section.js';
import { shadowSection } from './shadow-section.js';

const banner = ({ input, model }: { input: ReportInput; model: ReportModel }): Markup => {
  const { record } = input;
  return html`<section class="banner ${model.outcome.tone}">
    <div class="word">${icon(model.outcome.tone)}${model.outcome.word}</div>
    <p class="why">${model.outcome.sentence}</p>
    <p class="about">
      Asked for by ${record.requestedBy.join(', ')} (${record.trigger}) · ${record.kind} release on ${record.base.id} ·
      ${formatTime(record.startedAt)} to ${formatTime(record.endedAt)}
    </p>
  </section>`;
};

const notMeasuredSection = ({ notMeasured }: ReportModel): Markup | null =>
  notMeasured.length === 0
    ? null
    : html`<section class="callout">
        <h2>What this report does not show</h2>
        <ul>
          ${notMeasured.map((sentence) => html`<li>${sentence}</li>`)}
        </ul>
      </section>`;

const factsSection = ({ facts }: ReportModel): Markup =>
  section({
    title: 'Release record',
    lead: null,
    body: html`<dl>
      ${facts.map(
        ({ label, value, code }) =>
          html`<dt>${label}</dt>
            <dd>${code ? html`<code>${value}</code>` : value}</dd>`,
      )}
    </dl>`,
  });

/**
 * The report of one release: a single HTML file that needs nothing else, reads in light, dark and on paper, and holds
 * no script. Everything that came from outside is escaped. The same input gives the same bytes.
 */
export function renderReport(input: ReportInput): string {
  const model = reportModel(input);
  const body = html`<h1>${model.model} · ${model.releaseId}</h1>
    ${banner({ input, model })}
    <div class="tiles">${model.tiles.map(tile)}</div>
    ${gatesSection(model)} ${notMeasuredSection(model)} ${scoresSection(model)} ${slicesSection(model)}
    ${casesSection(model)} ${trainingSection(model)} ${shadowSection(model)} ${canarySection(model)}
    ${timelineSection(model)} ${factsSection(model)}
    <footer>Made by Understudy from the release record; intervals and verdicts are the record's own.</footer>`;
  return page({ title: `${model.releaseId}: ${model.outcome.word}`, body });
}
