import { gateName, type EvaluatedGate, type EvaluationView } from '../domain/report/evaluation-view.js';
import { formatCount, formatNumber } from '../domain/report/format.js';
import { intervalName, shownInterval, shownNumber } from './evaluation-text.js';
import { gauge } from './gauge.js';
import { html, type Markup } from './html.js';
import { badge, section } from './page.js';

const width = 200;

/** Value, interval and limit of one gate on a scale of its own. */
function gateGauge({ gate, value, bound, interval, limit }: EvaluatedGate): Markup | null {
  if (value === null) return null;
  const [from, to] = interval === null ? [bound ?? value, bound ?? value] : [interval.low, interval.high];
  const numbers = [value, from, to, ...(limit === null ? [] : [limit])];
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const padding = (most - least || Math.abs(most) || 1) * 0.12;
  return gauge({
    ...{ width, value, limit, scale: { low: least - padding, high: most + padding } },
    said: `${gate}: value ${formatNumber(value)}, interval ${shownInterval({ interval, bound })}, limit ${shownNumber(limit)}`,
    bar: (x) => {
      const tick = (at: number): Markup =>
        html`<line x1="${x(at)}" x2="${x(at)}" y1="10" y2="20" stroke="var(--challenger)" stroke-width="2" />`;
      return from === to
        ? null
        : html`<line x1="${x(from)}" x2="${x(to)}" y1="15" y2="15" stroke="var(--challenger)" stroke-width="3" />
            ${[from, to].map(tick)}`;
    },
  });
}

const fact = (name: string, value: string): Markup =>
  html`<span class="fact"><span class="label">${name}</span>${value}</span>`;

const card = ({ gate, level }: { gate: EvaluatedGate; level: string }): Markup =>
  html`<li class="gate">
    ${badge({ tone: gate.tone, text: gate.verdict })}
    <span class="name">${gateName(gate)}</span>
    ${fact('value', shownNumber(gate.value))} ${fact(level, shownInterval(gate))}
    ${fact('limit', shownNumber(gate.limit))} ${fact('n', formatCount(gate.n))}
    <span class="graph">${gateGauge(gate)}</span>
    <p class="reason">${gate.reason}</p>
  </li>`;

/** Every gate of an evaluation with its whole interval, what decided first. */
export const evaluationGatesSection = ({ gates }: Pick<EvaluationView, 'gates'>): Markup =>
  section({
    title: 'Gates',
    lead: 'A gate passes when its interval keeps the limit, or its value where the spec asks for no more. Missing data is never a pass. ● is the value, the bar its interval, the dashed line the limit. Of a comparison the value is the challenger less what it has to beat, such as 105 % of the champion for more than 5 % better.',
    body: html`<ul class="gates">
      ${gates.map((gate) => card({ gate, level: intervalName(gates) }))}
    </ul>`,
  });
