import type { EvaluationView } from '../domain/report/evaluation-view.js';
import { formatDifference, formatNumber } from '../domain/report/format.js';
import { plainMarkdown } from '../domain/report/markdown.js';
import type { AnsweredCase } from '../domain/report/report-input.js';
import { worstCases } from '../domain/report/report-model.js';
import { wordDifference, type Stretch } from '../domain/report/word-diff.js';
import { intervalName, judgingLine, restsOn, shownInterval, shownNumber } from './evaluation-text.js';

const shownCases = 3;
const longestText = 600;
const marks = { pass: '✅', fail: '❌', inconclusive: '⚠️', unmeasured: '❔' } as const;

const shortened = (text: string): string => (text.length > longestText ? `${text.slice(0, longestText)}…` : text);

/** Changed words in bold; the blanks around them stay outside, since Markdown has no bold that begins with one. */
const marked = (stretches: readonly Stretch[]): string =>
  stretches
    .map(({ text, same }) => {
      const plain = plainMarkdown(text);
      return same || plain.trim() === '' ? plain : plain.replace(/^(\s*)(.*?)(\s*)$/, '$1**$2**$3');
    })
    .join('');

function caseLines({ id, input, reference, championAnswer, championScore, ...ours }: AnsweredCase): string[] {
  const { challengerAnswer, challengerScore } = ours;
  const difference = wordDifference({ before: shortened(championAnswer ?? ''), after: shortened(challengerAnswer) });
  const score = (value: number | null): string => (value === null ? '' : ` (${formatNumber(value)})`);
  const change = championScore === null ? '' : `, ${formatDifference(challengerScore - championScore)}`;
  return [
    `**${plainMarkdown(id)}**${change}: ${plainMarkdown(shortened(input))}`,
    '',
    `- reference: ${plainMarkdown(shortened(reference))}`,
    ...(championAnswer === null ? [] : [`- against${score(championScore)}: ${marked(difference.before)}`]),
    `- candidate${score(challengerScore)}: ${championAnswer === null ? plainMarkdown(shortened(challengerAnswer)) : marked(difference.after)}`,
    '',
  ];
}

const folded = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `<details><summary>${title}</summary>`, '', ...lines, '', '</details>'];

/**
 * An evaluation as a comment under a pull request. It begins with a mark that nobody sees, by which a later run finds
 * the comment it should replace.
 */
export function evaluationMarkdown(view: EvaluationView): string {
  const { model, word, verdict, gates, limits, judging, toLookAt, report, evidenceDigest, id } = view;
  const open = gates.filter((gate) => gate.verdict !== 'pass');
  const worst = worstCases(report ?? { cases: [], metrics: [] });
  const losses = worst.against === 'champion' ? worst.cases.slice(0, shownCases) : [];
  return [
    `<!-- understudy evaluation of ${model} -->`,
    `### ${marks[verdict]} ${word}: ${plainMarkdown(view.candidate)}${view.against === null ? '' : ` against ${plainMarkdown(view.against)}`}`,
    '',
    `${view.passed} of ${gates.length} gates pass. ${plainMarkdown(restsOn(view))}.`,
    '',
    `| | Gate | Value | ${intervalName(gates)} | Limit | n |`,
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...gates.map(
      (gate) =>
        `| ${marks[gate.verdict]} ${gate.verdict} | ${plainMarkdown(gate.gate)} | ${shownNumber(gate.value)} | ${shownInterval(gate)} | ${shownNumber(gate.limit)} | ${gate.n} |`,
    ),
    ...(open.length + toLookAt.length === 0 ? [] : ['']),
    ...open.map(({ gate, reason }) => `- **${plainMarkdown(gate)}**: ${plainMarkdown(reason)}`),
    ...toLookAt.map((one) => `- **look at it**: ${plainMarkdown(one)}`),
    ...folded(`Worst regressions (${losses.length})`, losses.flatMap(caseLines)),
    ...folded('What this does not show', [
      ...limits.map((limit) => `- ${plainMarkdown(limit)}`),
      ...(judging === null ? [] : [`- ${plainMarkdown(judgingLine(judging))}`]),
    ]),
    '',
    `<sub>${id}${evidenceDigest === null ? '' : `, evidence \`${evidenceDigest.slice(0, 12)}\``}</sub>`,
    '',
  ].join('\n');
}
