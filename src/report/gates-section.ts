import type { GateView, ReportModel } from '../domain/report/report-model.js';
import { formatNumber } from '../domain/report/format.js';
import { gauge } from './gauge.js';
import { html, type Markup } from './html.js';
import { badge, section, toneOfVerdict } from './page.js';

const width = 180;

/** The measured value, its interval's bound and the limit on one scale. */
function gateGauge({ gate, value, bound, limit, scale }: GateView): Markup | null {
  if (scale === null || value === null) return null;
  return gauge({
    ...{ width, scale, value, limit },
    said: `${gate}: value ${formatNumber(value)}, bound ${shown(bound)}, limit ${shown(limit)}`,
    bar: (x) =>
      bound === null
        ? null
        : html`<line x1="${x(bound)}" x2="${x(value)}" y1="15" y2="15" stroke="var(--challenger)" stroke-width="3" />
            <line x1="${x(bound)}" x2="${x(bound)}" y1="9" y2="21" stroke="var(--challenger)" stroke-width="3" />`,
  });
}

const shown = (value: number | null): string => (value === null ? '–' : formatNumber(value));

const row = (gate: GateView): Markup =>
  html`<tr>
    <td>${badge({ tone: toneOfVerdict[gate.verdict], text: gate.verdict })}</td>
    <td class="strong">${gate.gate}</td>
    <td class="number">${shown(gate.value)}</td>
    <td class="number">${shown(gate.bound)}</td>
    <td class="number">${shown(gate.limit)}</td>
    <td class="number">${gate.n}</td>
    <td class="graph">${gateGauge(gate)}</td>
    <td class="reason">${gate.reason}</td>
  </tr>`;

/** Every gate with what was measured, the bound its decision rested on, and the limit. */
export function gatesSection({ gates }: Pick<ReportModel, 'gates'>): Markup {
  const title = 'Gates';
  if (gates.length === 0)
    return section({ title, lead: null, body: html`<p>No gate was reached, so nothing was proven either way.</p>` });
  return section({
    title,
    lead: 'A gate passes when the bound of its interval keeps the limit, or its value where the spec asks for no more. Missing data is never a pass.',
    body: html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Verdict</th>
            <th>Gate</th>
            <th class="number">Value</th>
            <th class="number">Bound</th>
            <th class="number">Limit</th>
            <th class="number">n</th>
            <th>● value, ┃ bound, ┆ limit</th>
            <th>Reason</th>
          </tr>
        </thead>
        <tbody>
          ${gates.map(row)}
        </tbody>
      </table>
    </div>`,
  });
}
