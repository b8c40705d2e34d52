import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Rubric } from '../../../domain/evaluation/judge/rubric.js';
import {
  drawTasks,
  labelScaleOf,
  labelTasks,
  readLabels,
  type LabelScale,
  type LabelTask,
} from '../../../domain/evaluation/judge/label-sheet.js';
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

async function label(context: CommandContext, id: string, options: LabelOptions): Promise<Result> {
  const { metric, out, read } = options;
  if ((out === undefined) === (read === undefined))
    throw new CannotRun('label needs either --out <file> for a new sheet or --read <file> for one that was filled in');
  const { answeredCases, loadJudged } = await import('./judged-answers.js');
  const scale = labelScaleOf(await rubricOf(metric));
  const judged = await loadJudged({ store: storeOf(context), id });
  const tasks = labelTasks({ metric, cases: answeredCases(judged) });
  const { golden } = judged.specification;
  return out === undefined
    ? await readBack({ context, id, scale, tasks, golden, file: read!, ...options })
    : await write({ context, id, scale, tasks, golden, file: out, ...options });
}

type Sheet = Pick<LabelOptions, 'metric' | 'count' | 'seed' | 'by'> & {
  context: CommandContext;
  id: string;
  file: string;
  scale: LabelScale;
  tasks: readonly LabelTask[];
  golden: { name: string; version: string };
};

async function write({ context, id, metric, file, scale, tasks, golden, count, seed, by }: Sheet): Promise<Result> {
  const { answerDigestOf, loadLabels } = await import('../../../activities/judging/label-file.js');
  const { writeSheet } = await import('./sheet-file.js');
  const labels = await loadLabels({ store: storeOf(context), golden, metric });
  const known = new Set(labels.filter((one) => one.by === by).map((one) => `${one.id} ${one.answerDigest}`));
  const drawn = drawTasks({ tasks, count, seed });
  const open = drawn.filter(({ caseId, answer }) => !known.has(`${caseId} ${answerDigestOf(answer)}`));
  if (open.length === 0)
    throw new CannotRun(`${by} has labelled all ${drawn.length} answers of these ${count} cases; raise --count`);
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

async function readBack({ context, id, metric, file, scale, tasks, golden, by }: Sheet): Promise<Result> {
  const { answerDigestOf, saveLabels } = await import('../../../activities/judging/label-file.js');
  const { readSheet } = await import('./sheet-file.js');
  const { labels, problems } = readLabels({ rows: await readSheet({ file }), tasks, scale });
  if (problems.length > 0) {
    const said = `${file}: nothing was stored, ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
    return { code: 1, data: { evaluation: id, metric, problems }, text: [said, ...problems].join('\n') };
  }
  const at = new Date().toISOString();
  const stored = labels.map(({ caseId, answer, score }) => ({
    ...{ id: caseId, answerDigest: answerDigestOf(answer), score, by, at },
  }));
  await saveLabels({ store: storeOf(context), golden, metric, labels: stored });
  return {
    code: 0,
    data: { evaluation: id, metric, by, labels: stored.length },
    text: `${stored.length} labels of ${metric} by ${by} stored; then: understudy judge calibrate ${id} --metric ${metric}`,
  };
}

/** `judge label ID`: a sheet of answers for a person, and the sheet back. */
export const addLabel = (judge: Command, context: CommandContext): Command =>
  verb<LabelOptions>({
    command: judge
      .command('label')
      .description('write answers of a judged evaluation for a person to label, or read the labels back')
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
