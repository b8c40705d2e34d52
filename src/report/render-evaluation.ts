import type { EvaluationView } from '../domain/report/evaluation-view.js';
import { formatDifference, formatNumber, formatUsd } from '../domain/report/format.js';
import { sliceView, worstCases, type Tile } from '../domain/report/report-model.js';
import { metricView, type MetricView } from '../domain/report/score-views.js';
import { casesSection } from './cases-section.js';
import { evaluationGatesSection } from './evaluation-gates-section.js';
import { evaluationJudgeSection } from './evaluation-judge-section.js';
import { restsOn } from './evaluation-text.js';
import { html, type Markup } from './html.js';
import { icon, page, section, tile } from './page.js';
import { scoresSection, slicesSection } from './scores-section.js';

/** Of so many metrics the charts are shown at once; those of the others unfold. */
const openMetrics = 1;

function tilesOf({ view, metrics }: { view: EvaluationView; metrics: readonly MetricView[] }): Tile[] {
  const { passed, gates, judging } = view;
  const primary = metrics[0];
  const [challenger, ...others] = primary?.arms ?? [];
  const tiles: Tile[] = [];
  if (primary && challenger) {
    const against = others.map(({ arm, mean }) => `${arm} ${formatNumber(mean)}`).join(', ');
    const label = `${primary.metric}, mean of ${challenger.n}`;
    tiles.push({ label, value: formatNumber(challenger.mean), note: against || 'nothing to compare with' });
  }
  if (primary?.differences) {
    const { better, same, worse, mean } = primary.differences;
    const note = `better ${better}, same ${same}, worse ${worse}`;
    tiles.push({ label: 'Case by case', value: formatDifference(mean), note });
  }
  const open = gates.length - passed;
  const note = open === 0 ? 'none left open' : `${open} not passed`;
  tiles.push({ label: 'Gates passed', value: `${passed} of ${gates.length}`, note });
  if (judging) {
    const spent = `of ${formatUsd(judging.capUsd)}, ${judging.calls} calls`;
    tiles.push({ label: 'Judge', value: formatUsd(judging.spentUsd), note: spent });
  }
  return tiles;
}

const banner = (view: EvaluationView): Markup =>
  html`<section class="banner ${view.tone}">
    <div class="word">${icon(view.tone)}${view.word}</div>
    <p class="why">${view.sentence}</p>
    <p class="about">${restsOn(view)}</p>
  </section>`;

const callout = ({ title, sentences }: { title: string; sentences: readonly string[] }): Markup | null =>
  sentences.length === 0
    ? null
    : html`<section class="callout">
        <h2>${title}</h2>
        <ul>
          ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
        </ul>
      </section>`;

function factsSection({ id, candidate, against, golden, seed, evidenceDigest }: EvaluationView): Markup {
  const facts: [string, string | null][] = [
    ['Evaluation', id],
    ['Candidate (challenger)', candidate],
    ['Against (champion)', against],
    ['Golden set', `${golden.name} ${golden.version} · ${golden.sha256}`],
    ['Seed', seed === null ? null : String(seed)],
    ['Evidence digest', evidenceDigest],
  ];
  return section({
    title: 'What it rests on',
    lead: `understudy evaluate recompute ${id} repeats the decision from the stored scores.`,
    body: html`<dl>
      ${facts.map(
        ([label, value]) =>
          html`<dt>${label}</dt>
            <dd>${value === null ? 'none' : html`<code>${value}</code>`}</dd>`,
      )}
    </dl>`,
  });
}

/**
 * An evaluation as a single HTML file that needs nothing else and holds no script: the verdict, the gates with their
 * intervals, slices, differences, the worst regressions, the judge. The same input gives the same bytes.
 */
export function renderEvaluation(view: EvaluationView): string {
  const metrics = (view.report?.metrics ?? []).map(metricView);
  const body = html`<h1>${view.model} · evaluation</h1>
    ${banner(view)}
    <div class="tiles">${tilesOf({ view, metrics }).map(tile)}</div>
    ${evaluationGatesSection(view)} ${callout({ title: 'For a person to look at', sentences: view.toLookAt })}
    ${callout({ title: 'What this does not show', sentences: view.limits })}
    ${slicesSection({ slices: sliceView(view.report?.slices ?? []) })} ${scoresSection({ metrics, open: openMetrics })}
    ${casesSection({ worst: worstCases(view.report ?? { cases: [], metrics: [] }), metrics })}
    ${evaluationJudgeSection(view)} ${factsSection(view)}
    <footer>Made by Understudy from the stored scores; intervals and verdicts are the decision's own.</footer>`;
  return page({ title: `${view.word}: ${view.candidate}`, body });
}
