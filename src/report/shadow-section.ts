import { formatTime } from '../domain/report/format.js';
import type { ReportModel } from '../domain/report/report-model.js';
import {
  shadowComparison,
  shadowConclusion,
  type ReportDisagreement,
  type ReportShadow,
} from '../domain/report/report-shadow.js';
import { colours } from './chart.js';
import { html, type Markup } from './html.js';
import { section } from './page.js';

const answer = ({ who, text, colour }: { who: string; text: string; colour: string }): Markup =>
  html`<div class="answer" style="--swatch:${colour}">
    <b>${who}</b>
    <div class="text">${text === '' ? '(empty answer)' : text}</div>
  </div>`;

const example = (one: ReportDisagreement['examples'][number]): Markup =>
  html`<article class="case">
    <p class="question">${one.question}</p>
    <div class="answers">
      ${answer({ who: 'Champion', text: one.championAnswer, colour: colours.champion })}
      ${answer({ who: 'Challenger', text: one.challengerAnswer ?? '(no answer)', colour: colours.challenger })}
    </div>
    <p class="id">${one.id}</p>
  </article>`;

const shownClusters = 10;

const clusterPart = ({ kind, words, pairs, examples }: ReportDisagreement): Markup =>
  html`<div class="group">
    <h4>${pairs === 1 ? '1 pair' : `${pairs} pairs`}: ${kind}</h4>
    <p class="about">Questions with the words ${words.join(', ') || '(none)'}</p>
    ${examples.map(example)}
  </div>`;

function disagreementsPart({ disagreements: { pairs, clusters } }: ReportShadow): Markup {
  if (pairs === 0) return html`<p>In no pair did the answers disagree.</p>`;
  const rest = clusters.slice(shownClusters).reduce((sum, one) => sum + one.pairs, 0);
  return html`<h3 class="apart">Disagreements: ${pairs === 1 ? '1 pair' : `${pairs} pairs`}</h3>
    ${clusters.slice(0, shownClusters).map(clusterPart)}
    ${rest === 0 ? null : html`<p>And ${rest === 1 ? '1 more pair in a smaller group' : `${rest} more pairs in smaller groups`}.</p>`}`;
}

const judgeSentence = ({ judge }: ReportShadow): string =>
  judge === null
    ? 'No judge compared the answers: only harm was looked for.'
    : `${judge.name} compared them blind in both orders for ${judge.spentUsd.toFixed(4)} of ${judge.budgetUsd.toFixed(2)} USD${judge.decides ? '' : ` and decided nothing (${judge.reason})`}.`;

/** What the shadow showed; null where there was none. */
export function shadowSection({ shadow }: Pick<ReportModel, 'shadow'>): Markup | null {
  if (!shadow) return null;
  const left = shadow.left === 0 ? '' : ` ${shadow.left} pairs over what is kept were not looked at.`;
  return section({
    title: 'Shadow',
    lead: `Copies of users' requests were answered by the challenger too, from ${formatTime(shadow.startedAt)} to ${formatTime(shadow.at)}; no user saw those answers. It ended ${shadow.over ? 'when its time was over' : 'early, as something was shown'}. ${judgeSentence(shadow)}${left}`,
    body: html`<p>${shadowConclusion(shadow)}</p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>${shadow.figures.champion.pairs} pairs</th>
              <th class="number">Champion</th>
              <th class="number">Challenger</th>
            </tr>
          </thead>
          <tbody>
            ${shadowComparison(shadow).map(
              (row) =>
                html`<tr>
                  <td class="strong">${row.label}</td>
                  <td class="number">${row.champion}</td>
                  <td class="number">${row.challenger}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${disagreementsPart(shadow)}`,
  });
}
