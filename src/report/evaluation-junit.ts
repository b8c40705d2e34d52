import type { EvaluatedGate, EvaluationView } from '../domain/report/evaluation-view.js';
import { restsOn, shownInterval, shownNumber } from './evaluation-text.js';
import { html, type Markup } from './html.js';

/** What XML 1.0 may not carry at all, escaped or not. */
const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const clean = (text: string): string => text.replaceAll(forbidden, '\u{fffd}');

function testCase({ gate, model }: { gate: EvaluatedGate; model: string }): Markup {
  const { verdict, reason, limit, n } = gate;
  const numbers = `value ${shownNumber(gate.value)}, interval ${shownInterval(gate)}, limit ${shownNumber(limit)}, n ${n}`;
  const said = clean(`${reason}\n${numbers}`);
  return html`
    <testcase classname="${clean(`evaluation.${model}`)}" name="${clean(gate.gate)}" time="0">
      ${
        verdict === 'pass'
          ? html` <system-out>${said}</system-out>`
          : html` <failure type="${verdict}" message="${clean(`${verdict}: ${reason}`)}">${said}</failure>`
      }
    </testcase>
  `;
}

/**
 * An evaluation as JUnit XML: a test case a gate. What is inconclusive or unmeasured is a failure of that type with the
 * reason, since a build must not go on from it.
 */
export function evaluationJunit(view: EvaluationView): string {
  const { gates, passed, model, candidate, against, id, evidenceDigest } = view;
  const properties = Object.entries({
    ...{ candidate, against: against ?? 'nothing', evaluation: id, restsOn: restsOn(view) },
    evidence: evidenceDigest ?? 'none',
  });
  const counts = html`tests="${gates.length}" failures="${gates.length - passed}" errors="0"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${
    html`<testsuites name="understudy evaluate" ${counts} time="0">
      <testsuite name="${clean(`evaluation of ${model}`)}" ${counts} skipped="0" time="0">
        <properties>
          ${properties.map(([name, value]) => html` <property name="${name}" value="${clean(value)}" /> `)}
        </properties>
        ${gates.map((gate) => testCase({ gate, model }))}</testsuite
      >
    </testsuites> `.text
  }`;
}
