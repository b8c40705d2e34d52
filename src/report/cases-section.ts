import { formatDifference, formatNumber } from '../domain/report/format.js';
import type { AnsweredCase } from '../domain/report/report-input.js';
import type { ReportModel } from '../domain/report/report-model.js';
import { wordDifference, type Stretch } from '../domain/report/word-diff.js';
import { colours } from './chart.js';
import { html, type Markup } from './html.js';
import { section } from './page.js';

const answer = ({
  who,
  text,
  changed = 'ins',
  score,
  colour,
}: {
  who: string;
  text: readonly Stretch[];
  /** Whether what differs is gone or new. */
  changed?: 'del' | 'ins';
  score: number | null;
  colour: string;
}): Markup => {
  // Blanks of the template would show: the text keeps its own.
  const shown = text.every((part) => part.text === '') ? '(empty answer)' : text.map((part) => marked(part, changed));
  return html`<div class="answer" style="--swatch:${colour}">
    <b>${who}<span>${score === null ? null : formatNumber(score)}</span></b>
    <div class="text">${shown}</div>
  </div>`;
};

const marked = ({ text, same }: Stretch, changed: 'del' | 'ins'): Markup | string =>
  same ? text : changed === 'del' ? html`<del>${text}</del>` : html`<ins>${text}</ins>`;

const whole = (text: string): Stretch[] => [{ text, same: true }];

function caseCard(one: AnsweredCase): Markup {
  const difference = one.championScore === null ? null : formatDifference(one.challengerScore - one.championScore);
  const { before, after } =
    one.championAnswer === null
      ? { before: [], after: whole(one.challengerAnswer) }
      : wordDifference({ before: one.championAnswer, after: one.challengerAnswer });
  return html`<article class="case">
    <p class="id">${one.id}${difference === null ? null : html` · difference ${difference}`}</p>
    <p class="question">${one.input}</p>
    <div class="answers">
      ${answer({ who: 'Reference', text: whole(one.reference), score: null, colour: 'var(--line)' })}
      ${
        one.championAnswer === null
          ? null
          : answer({
              who: 'Champion',
              text: before,
              changed: 'del',
              score: one.championScore,
              colour: colours.champion,
            })
      }
      ${answer({
        who: 'Challenger',
        text: after,
        score: one.challengerScore,
        colour: colours.challenger,
      })}
    </div>
  </article>`;
}

/** The worst cases side by side, so that nobody approves a mean alone; null when no case was answered. */
export function casesSection({ worst, metrics }: Pick<ReportModel, 'worst' | 'metrics'>): Markup | null {
  if (metrics.length === 0) return null;
  const metric = metrics[0]!.metric;
  if (worst.against === 'champion') {
    const body =
      worst.cases.length === 0
        ? html`<p>No case scores lower than with the champion.</p>`
        : html`${worst.cases.map(caseCard)}`;
    const lead = `The cases in which the challenger loses most ${metric} against the champion. Words that only one of both answers has are marked.`;
    return section({ title: 'Worst regressions', lead, body });
  }
  if (worst.cases.length === 0) return null;
  const lead = `There is no champion to compare with; these cases have the worst ${metric}.`;
  return section({ title: 'Worst scores', lead, body: html`${worst.cases.map(caseCard)}` });
}
