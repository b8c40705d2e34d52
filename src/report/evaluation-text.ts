import Table from 'cli-table3';
import type { EvaluatedGate, EvaluationView, JudgingSummary } from '../domain/report/evaluation-view.js';
import { formatCount, formatNumber, formatUsd, printable } from '../domain/report/format.js';

export const shownNumber = (value: number | null): string => (value === null ? '–' : formatNumber(value));

/** Both ends where they are known, else the one that decided. */
export const shownInterval = ({ interval, bound }: Pick<EvaluatedGate, 'interval' | 'bound'>): string =>
  interval === null ? shownNumber(bound) : `${formatNumber(interval.low)} to ${formatNumber(interval.high)}`;

/** What the interval is of, such as `95 % interval`. */
export const intervalName = (gates: readonly EvaluatedGate[]): string => {
  const level = gates.find(({ interval }) => interval !== null)?.interval?.level;
  return level === undefined ? 'bound' : `${formatNumber(level * 100)} % interval`;
};

/** What the decision rests on, in a line. */
export function restsOn({ golden, cases, attempt }: Pick<EvaluationView, 'golden' | 'cases' | 'attempt'>): string {
  const counted = `${formatCount(cases)} cases of golden set ${golden.name} ${golden.version}`;
  return attempt === null ? counted : `${counted}, attempt ${attempt} on it`;
}

export const judgingLine = ({ judge, calls, cached, spentUsd, capUsd, unmeasured }: JudgingSummary): string =>
  `judge ${judge}: ${formatCount(calls)} calls, ${formatCount(cached)} answers from the cache, ${formatUsd(spentUsd)} of ${formatUsd(capUsd)}, ${formatCount(unmeasured)} scores unmeasured`;

/** An evaluation for the terminal: the verdict first, then each gate, then what it does not show. */
export function evaluationText(view: EvaluationView): string {
  const { word, sentence, gates, limits, judging, toLookAt, id, evidenceDigest } = view;
  const table = new Table({
    head: ['verdict', 'gate', 'value', intervalName(gates), 'limit', 'n'],
    style: { head: [], border: [] },
  });
  for (const gate of gates)
    table.push([
      ...[gate.verdict, gate.gate, shownNumber(gate.value), shownInterval(gate)],
      ...[shownNumber(gate.limit), formatCount(gate.n)],
    ]);
  const reasons = gates.filter((gate) => gate.verdict !== 'pass').map(({ gate, reason }) => `- ${gate}: ${reason}`);
  const lines = [
    `${word.toUpperCase()}  ${sentence}`,
    restsOn(view),
    table.toString(),
    ...reasons,
    ...toLookAt.map((one) => `- look at it: ${one}`),
    ...limits.map((limit) => `- ${limit}`),
    ...(judging === null ? [] : [judgingLine(judging)]),
    `${id}${evidenceDigest === null ? '' : `, evidence ${evidenceDigest}`}`,
  ];
  return printable(lines.join('\n'));
}
