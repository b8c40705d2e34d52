import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Rubric } from '../../../domain/evaluation/judge/rubric.js';
import {
  drawTasks,
  labelScaleOf,
  labelTasks,
  readLabels,
  type Label,
  type LabelScale,
  type LabelTask,
} from '../../../domain/evaluation/judge/label-sheet.js';
import { labelledBothWays, labelledText } from '../../../domain/evaluation/judge/labelled-text.js';
import { CannotRun, currentUser, verb, type CommandContext, type Result } from '../command-context.js';
import { asResult, storeOf } from '../data/dataset-context.js';
import { numberBetween } from '../number-option.js';

interface LabelOptions {
  metric: string;
  out?: string;
  read?: string;
  count: number;
  seed: number;
  by: string;
}

/** The rubric of a metric, by the words that people and judge are asked with. */
export async function rubricOf(metric: string): Promise<Rubric> {
  const { readRubrics, rubricFolder } = await import('../../../adapters/rubric-files/rubric-files.js');
  const rubrics = await readRubrics({ folder: rubricFolder });
  const rubric = Object.hasOwn(rubrics, metric) ? rubrics[metric] : undefined;
  if (rubric) return rubric;
  throw new CannotRun(`--metric ${metric}: expected one of ${Object.keys(rubrics).sort().join(', ')}`);
}

interface Labelling extends Pick<LabelOptions, 'metric' | 'count' | 'seed' | 'by'> {
  context: CommandContext;
  id: string;
  scale: LabelScale;
  tasks: readonly LabelTask[];
  golden: { name: string; version: string };
}

async function label(context: CommandContext, id: string, options: LabelOptions): Promise<Result> {
  const { metric, out, read } = options;
  if (out !== undefined && read !== undefined) throw new CannotRun('label takes --out or --read, not both');
  const { answeredCases, loadJudged } = await import('./judged-answers.js');
  const scale = labelScaleOf(await rubricOf(metric));
  const judged = await loadJudged({ store: storeOf(context), id });
  const tasks = labelTasks({ metric, cases: answeredCases(judged) });
  const labelling: Labelling = { ...options, context, id, scale, tasks, golden: judged.specification.golden };
  if (read !== undefined) return await readBack({ ...labelling, file: read });
  return out === undefined ? await inTerminal(labelling) : await write({ ...labelling, file: out });
}

/** The drawn answers that this person has not labelled. */
async function openTasks({ context, metric, tasks, golden, count, seed, by }: Labelling): Promise<LabelTask[]> {
  const { answerDigestOf, loadLabels } = await import('../../../activities/judging/label-file.js');
  const labels = await loadLabels({ store: storeOf(context), golden, metric });
  const known = new Set(labels.filter((one) => one.by === by).map((one) => `${one.id} ${one.answerDigest}`));
  const drawn = drawTasks({ tasks, count, seed });
  const open = drawn.filter((task) => !known.has(`${task.caseId} ${answerDigestOf(labelledText(task))}`));
  if (open.length > 0) return open;
  throw new CannotRun(`${by} has labelled all ${drawn.length} answers of these ${count} cases; raise --count`);
}

async function store({ context, metric, golden, by, labels }: Labelling & { labels: readonly Label[] }): Promise<void> {
  const { answerDigestOf, saveLabels } = await import('../../../activities/judging/label-file.js');
  const at = new Date().toISOString();
  const stored = labels.flatMap(({ task, score: said }) =>
    labelledBothWays({ ...task, score: said }).map(({ text, score }) => ({
      ...{ id: task.caseId, answerDigest: answerDigestOf(text), score, by, at },
    })),
  );
  await saveLabels({ store: storeOf(context), golden, metric, labels: stored });
}

async function write({ file, ...labelling }: Labelling & { file: string }): Promise<Result> {
  const { id, metric, scale, by } = labelling;
  const { writeSheet } = await import('./sheet-file.js');
  const open = await openTasks(labelling);
  await writeSheet({ file, tasks: open });
  return {
    code: 0,
    data: { evaluation: id, metric, sheet: resolve(file), answers: open.length, scale: scale.text },
    text: [
      `${resolve(file)}: ${open.length} answers to label, shuffled, without whose they are`,
      `label: ${scale.text}`,
      `the judge was asked:\n${scale.question.trim()}`,
      `then: understudy judge label ${id} --metric ${metric} --by ${by} --read ${file}`,
    ].join('\n'),
  };
}

const stored = ({ id, metric, by }: Labelling, count: number): Result => ({
  code: 0,
  data: { evaluation: id, metric, by, labels: count },
  text: `${count} labels of ${metric} by ${by} stored; then: understudy judge calibrate ${id} --metric ${metric}`,
});

async function readBack({ file, ...labelling }: Labelling & { file: string }): Promise<Result> {
  const { id, metric, scale, tasks } = labelling;
  const { readSheet } = await import('./sheet-file.js');
  const { labels, problems } = readLabels({ rows: await readSheet({ file }), tasks, scale });
  if (problems.length > 0) {
    const said = `${file}: nothing was stored, ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
    return { code: 1, data: { evaluation: id, metric, problems }, text: [said, ...problems].join('\n') };
  }
  await store({ ...labelling, labels });
  return stored(labelling, labels.length);
}

async function inTerminal(labelling: Labelling): Promise<Result> {
  const { labelInTerminal } = await import('./label-terminal.js');
  const open = await openTasks(labelling);
  const count = await labelInTerminal({
    ...labelling,
    tasks: open,
    save: (one) => store({ ...labelling, labels: [one] }),
  });
  return stored(labelling, count);
}

/** `judge label ID`: answers for a person to label, in the terminal or on a sheet. */
export const addLabel = (judge: Command, context: CommandContext): Command =>
  verb<LabelOptions>({
    command: judge
      .command('label')
      .description(
        'let a person label answers of a judged evaluation: here, or on a sheet that is written and read back',
      )
      .argument('<id>', 'a release, or an evaluation that "evaluate" named')
      .requiredOption('--metric <name>', 'a metric that the judge scored, such as faithfulness')
      .option('--out <file>', 'a new sheet, .csv or .jsonl')
      .option('--read <file>', 'a sheet with all its labels')
      .option('--count <number>', 'of random cases', numberBetween(1, 100_000), 60)
      .option('--seed <number>', 'of the drawing', numberBetween(0, Number.MAX_SAFE_INTEGER), 1)
      .option('--by <name>', 'who labels', currentUser()),
    context,
    run: ({ arguments: [id = ''], options }) => asResult(context, () => label(context, id, options)),
  });
