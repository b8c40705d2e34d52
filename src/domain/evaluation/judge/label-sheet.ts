import { sha256Hex } from '../../release/evidence.js';
import { isOfPairs, judgedMetrics } from './judged-metrics.js';
import type { Rubric } from './rubric.js';

/** An answer that a person may label, or two of which one may be better; nothing of it tells whose they are. */
export interface LabelTask {
  /** Stands for case and answer. */
  row: string;
  caseId: string;
  question: string;
  reference: string;
  documents: string[];
  answer: string;
  /** The second answer, for a metric of pairs; null for any other. */
  other: string | null;
}

export interface AnsweredCase {
  id: string;
  input: string;
  reference: string;
  /** Every arm's answer; null where an arm has none. */
  answers: readonly { answer: string | null; documents: readonly string[] }[];
}

/** What a person may say of an answer. */
export interface LabelScale {
  low: number;
  high: number;
  /** The only values there are; null where every number of the range is one. */
  values: readonly number[] | null;
  /** For people. */
  text: string;
  /** What the judge was asked. */
  question: string;
}

/** What a person said of a task. */
export interface Label {
  task: LabelTask;
  score: number;
}

/** A line of a sheet as it comes back; `label` is what a person wrote. */
export interface ReturnedRow {
  row: string;
  number: number;
  of: number;
  label: string;
}

const inOrderOf = <One>(all: readonly One[], key: (one: One) => string): One[] =>
  all
    .map((one) => ({ one, place: sha256Hex(key(one)) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .map(({ one }) => one);

/**
 * Everything that can be labelled, case by case. An answer that both arms gave is there once. Of a pair, chance says which
 * answer stands first: people favour places too.
 */
export function labelTasks({ metric, cases }: { metric: string; cases: readonly AnsweredCase[] }): LabelTask[] {
  return cases.flatMap(({ id, input, reference, answers }): LabelTask[] => {
    const given = answers.flatMap(({ answer, documents }) => (answer === null ? [] : [{ answer, documents }]));
    const common = { caseId: id, question: input, reference };
    const rowOf = (...texts: string[]): string => sha256Hex(JSON.stringify([metric, id, ...texts])).slice(0, 16);
    if (isOfPairs(metric)) {
      const [first, second] = inOrderOf(given, (one) => rowOf(one.answer));
      if (first === undefined || second === undefined) return [];
      const { answer } = first;
      const { answer: other } = second;
      return [{ row: rowOf(answer, other), ...common, documents: [], answer, other }];
    }
    const each = new Map(given.map(({ answer, documents }) => [answer, documents]));
    return [...each].map(([answer, documents]) => ({
      ...{ row: rowOf(answer), ...common, documents: [...documents], answer, other: null },
    }));
  });
}

/**
 * A random part of the cases with every arm's answers, shuffled: labels of it speak for all cases. The same seed draws the
 * same cases, and a larger count more of them.
 */
export function drawTasks({
  tasks,
  count,
  seed,
}: {
  tasks: readonly LabelTask[];
  /** Of cases. */
  count: number;
  seed: number;
}): LabelTask[] {
  const ids = inOrderOf([...new Set(tasks.map((one) => one.caseId))], (id) => `case ${seed} ${id}`);
  const drawn = new Set(ids.slice(0, count));
  return inOrderOf(
    tasks.filter((one) => drawn.has(one.caseId)),
    (one) => `row ${seed} ${one.row}`,
  );
}

/** The judge's own scale, and its own question, so that people and judge answer the same. */
export function labelScaleOf(rubric: Rubric): LabelScale {
  const { question, ...scale } = scaleOf(rubric);
  return { ...scale, question: question.replaceAll(quotedText, '').trim() };
}

/** Where a prompt quotes a text, which people see beside it. */
const quotedText = /^<([a-z]+)>\{[a-z]+\}<\/\1>\n?/gim;

function scaleOf(rubric: Rubric): LabelScale {
  const { low, high } = judgedMetrics[rubric.metric].range;
  switch (rubric.kind) {
    case 'rating':
      return {
        ...{ low, high, values: [1, 2, 3, 4, 5], text: 'a whole number from 1 to 5', question: rubric.rate },
      };
    case 'choice': {
      const options = Object.values(rubric.options).map(({ text, score }) => `${score}: ${text}`);
      const values = [...new Set(Object.values(rubric.options).map(({ score }) => score))].sort((a, b) => a - b);
      const question = rubric.choose.replace('{options}', options.join('\n'));
      return { low, high, values, text: `one of ${values.join(', ')}`, question };
    }
    case 'claims':
    case 'claimsBothWays':
    case 'documents':
      return {
        ...{ low, high, values: null, text: 'a share from 0 (none) to 1 (all)', question: rubric.check },
      };
    case 'pairwise':
      return {
        ...{ low, high, values: [0, 0.5, 1], question: rubric.compare },
        text: '1 where the first answer is better, 0 where the second is, 0.5 where neither is',
      };
  }
}

/**
 * A sheet that came back: its labels, or everything that is wrong with it. Every row has to be there, since leaving out
 * the hard ones would make the rest no random part.
 */
export function readLabels({
  rows,
  tasks,
  scale,
}: {
  rows: readonly ReturnedRow[];
  tasks: readonly LabelTask[];
  scale: LabelScale;
}): { labels: Label[]; problems: string[] } {
  const byRow = new Map(tasks.map((one) => [one.row, one]));
  const problems: string[] = [];
  const seen = new Set<number>();
  const labels = rows.flatMap(({ row, number, label }) => {
    const task = byRow.get(row);
    const wrong = problemOf({ task, row, label, scale }) ?? (seen.has(number) ? 'stands twice, expected once' : null);
    seen.add(number);
    if (wrong === null) return [{ task: task!, score: Number(label) }];
    problems.push(`row ${number}: ${wrong}`);
    return [];
  });
  const total = Math.max(0, ...rows.map((one) => one.of));
  const missing = Array.from({ length: total }, (_, index) => index + 1).filter((number) => !seen.has(number));
  if (missing.length > 0)
    problems.push(`missing: row ${missing.join(', ')} of ${total}; label every row, or write a smaller sheet`);
  return { labels, problems };
}

function problemOf({
  task,
  row,
  label,
  scale,
}: {
  task: LabelTask | undefined;
  row: string;
  label: string;
  scale: LabelScale;
}): string | null {
  if (task === undefined) return `"${row}" is no answer of this evaluation; expected a sheet that was written for it`;
  return labelProblem({ label, scale });
}

/** What is wrong with what a person wrote; null where it is a label. */
export function labelProblem({
  label,
  scale: { low, high, values, text },
}: {
  label: string;
  scale: LabelScale;
}): string | null {
  const score = Number(label);
  const within = label.trim() !== '' && score >= low && score <= high && (values === null || values.includes(score));
  return within ? null : `label is ${label.trim() === '' ? 'empty' : `"${label}"`}, expected ${text}`;
}

/** The same tasks with all answers to a question one after the other, so that whoever stops early has labelled whole cases. */
export function caseByCase(tasks: readonly LabelTask[]): LabelTask[] {
  const ids = [...new Set(tasks.map((one) => one.caseId))];
  return ids.flatMap((id) => tasks.filter((one) => one.caseId === id));
}
