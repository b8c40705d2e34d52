import { readFile, writeFile } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import type { StoredCalibration } from '../../../activities/judging/calibration-file.js';
import type { CalibratedShare } from '../../../domain/evaluation/judge-calibration.js';
import { metricShape } from '../../../domain/evaluation/scorers.js';
import { formatNumber, formatShare } from '../../../domain/statistics/format.js';
import { durationMilliseconds } from '../../../domain/spec/quantities.js';
import { CannotRun, verb, type CommandContext, type Result } from '../command-context.js';
import { asResult, storeOf } from '../data/dataset-context.js';
import { rubricOf } from './label.js';

interface CalibrateOptions {
  metric: string;
  passAt?: number;
  expires: number;
  out?: string;
}

function readDuration(text: string): number {
  const milliseconds = durationMilliseconds(text);
  if (milliseconds !== null && milliseconds > 0) return milliseconds;
  throw new InvalidArgumentError('expected a duration such as 90d');
}

function readNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('expected a number');
}

const halfYear = 180 * 86_400_000;

const share = (name: string, one: CalibratedShare | null): string =>
  one === null
    ? `${name}: no such label`
    : `${name}: ${formatShare(one.value)} of ${one.n}, ${formatShare(one.interval.low)} to ${formatShare(one.interval.high)}`;

function textOf({ file, calibration }: Pick<StoredCalibration, 'file' | 'calibration'>): string {
  const { judge, metric, verdict, reason, kappa, agreement, unmeasured, biases, sensitivity, specificity } =
    calibration;
  const [above, below] = metricShape(metric).better === 'higher' ? ['good', 'bad'] : ['bad', 'good'];
  const groups = biases.map(
    ({ group, difference, interval, n, biased }) =>
      `  ${biased ? 'judges differently' : 'no difference shown'}: ${group}, ${formatNumber(difference)} (${formatNumber(interval.low)} to ${formatNumber(interval.high)}), ${n} answers`,
  );
  return [
    `${verdict.toUpperCase()}  ${judge} on ${metric}: ${reason}`,
    `agreement: ${formatShare(agreement.value)}; kappa: ${kappa === null ? 'none' : `${formatNumber(kappa.value)}, ${formatNumber(kappa.interval.low)} to ${formatNumber(kappa.interval.high)}`}`,
    share(`sensitivity, ${above} answers that it calls ${above}`, sensitivity),
    share(`specificity, ${below} answers that it calls ${below}`, specificity),
    `judge less people on average: ${formatNumber(calibration.meanError)}; answers it gave no score: ${formatShare(unmeasured)}`,
    ...(groups.length === 0 ? ['biases: too few answers of any kind to look for one'] : ['biases:', ...groups]),
    verdict === 'calibrated'
      ? `good until ${file.expires}, for this judge and these words of the rubric`
      : 'a weak judge informs only: label more answers, mend the rubric or take a better judge',
  ].join('\n');
}

async function calibrate(
  context: CommandContext,
  ids: readonly string[],
  { metric, passAt, expires, out }: CalibrateOptions,
): Promise<Result> {
  const { loadCalibration, saveCalibration } = await import('../../../activities/judging/calibration-file.js');
  const { calibrationFileOf } = await import('./calibration-of.js');
  const store = storeOf(context);
  const rubric = await rubricOf(metric);
  const now = Date.now();
  const file = await calibrationFileOf({
    ...{ store, ids, rubric, passAt: passAt ?? null },
    ...{ calibratedAt: new Date(now).toISOString(), expires: new Date(now + expires).toISOString() },
  });
  const ref = await saveCalibration({ store, file });
  const { judge } = file;
  const stored = await loadCalibration({ store, judge, metric });
  if (stored === null) throw new CannotRun(`the calibration of ${judge} is not in the store; try again`);
  const { calibration } = stored;
  if (out !== undefined) await addTo({ path: out, file });
  return {
    code: calibration.verdict === 'calibrated' ? 0 : 1,
    data: { ...calibration, stored: ref.uri },
    text: out === undefined ? textOf(stored) : `${textOf(stored)}\nwritten to ${out}`,
  };
}

/** Lays a calibration into a file that may hold others; a spec names it, where the store is not at hand. */
async function addTo({ path, file }: { path: string; file: StoredCalibration['file'] }): Promise<void> {
  const { readCalibrations, withCalibration } = await import('../../../activities/judging/calibration-file.js');
  try {
    const body = await readFile(path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    });
    const files = body === null ? [] : readCalibrations({ name: path, body });
    await writeFile(path, withCalibration({ files, added: file }));
  } catch (error) {
    throw new CannotRun(`--out ${path} can't be written: ${(error as Error).message}`);
  }
}

/** `judge calibrate ID`: what people's labels say of the judge. */
export const addCalibrate = (judge: Command, context: CommandContext): Command =>
  verb<CalibrateOptions>({
    command: judge
      .command('calibrate')
      .description('hold a judge against labels and store what comes of it; exit 1 where it is too weak to decide')
      .argument('<id...>', 'judged evaluations whose answers were labelled')
      .requiredOption('--metric <name>', 'a metric that the judge scored, such as faithfulness')
      .option(
        '--pass-at <score>',
        "from here on an answer is good, or bad where less is better; the gate's limit, else the middle of the scale",
        readNumber,
      )
      .option('--expires <duration>', 'how long it is good for (default: 180d)', readDuration, halfYear)
      .option('--out <file>', 'also into this file, for evaluation.judge.calibration of a spec; others in it stay'),
    context,
    run: ({ arguments: ids, options }) => asResult(context, () => calibrate(context, ids, options)),
  });
