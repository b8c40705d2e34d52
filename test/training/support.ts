import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Tools {
  mlflow: string;
  python: string;
  tiny: string;
}

export interface MetricRow {
  step: number;
  loss?: number;
  validationLoss?: number;
  learningRate?: number;
  gradientNorm?: number;
  preferenceLoss?: number;
  preferenceMargin?: number;
}

export interface Result {
  status: string;
  steps: number;
  trainLoss: number;
  validationLoss: number;
  rows: number;
  truncated: number;
  resumedFrom: number | null;
  adapter: { path: string; sha256: string; bytes: number } | null;
  preferences: { pairs: number; dropped: number; loss: number; margin: number; accuracy: number } | null;
  processes: number;
  files: { path: string; sha256: string; bytes: number }[];
  mlflow: { pending: number; failure: string | null } | null;
}

/** The model environment, MLflow and the tiny base, made by the set-up when they are missing. */
export async function findTools(): Promise<Tools> {
  const { stdout } = await execa('node', ['scripts/setup/main.mjs', '--only', 'mlflow,tiny', '--json'], { cwd: root });
  const found = JSON.parse(stdout) as { mlflow: string; python: string; models: { tiny: string } };
  return { mlflow: found.mlflow, python: found.python, tiny: found.models.tiny };
}

const folders: string[] = [];

/** Removes what the tests of a file trained. */
export const removeTrainings = () =>
  Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));

/** A training of 48 chats in a new folder; `change` replaces fields of its configuration. */
export async function prepareTraining(
  tools: Tools,
  change: Record<string, unknown> = {},
): Promise<{ folder: string; config: string; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-training-'));
  folders.push(folder);
  const [trainFile, validationFile, output] = ['train.jsonl', 'validation.jsonl', 'out'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await writeFile(trainFile, chats(48));
  await writeFile(validationFile, chats(6));
  const config = {
    base: tools.tiny,
    trainFile,
    validationFile,
    outputDir: output,
    checkpointDir: join(folder, 'checkpoints'),
    batchSize: 2,
    maxLength: 128,
    learningRate: 1e-3,
    maxSteps: 24,
    saveSteps: 4,
    threads: 1,
    mlflow: null,
    ...change,
  };
  const file = join(folder, 'config.json');
  await writeFile(file, JSON.stringify(config));
  return { folder, config: file, output };
}

const parcelAt = (index: number): string => `PX${100000 + index * 7919}`;

const chats = (count: number): string =>
  Array.from({ length: count }, (_, index) => {
    const parcel = parcelAt(index);
    return JSON.stringify({
      messages: [
        { role: 'user', content: `Where is my parcel ${parcel}?` },
        { role: 'assistant', content: `Parcel ${parcel} is on its way.` },
      ],
    });
  }).join('\n');

/** Pairs of answers to the questions of `prepareTraining`, to be named by its configuration. */
export async function writePairs({ folder, count }: { folder: string; count: number }): Promise<string> {
  const message = (role: string, content: string) => [{ role, content }];
  const rows = Array.from({ length: count }, (_, index) => {
    const parcel = parcelAt(index);
    return JSON.stringify({
      prompt: message('user', `Where is my parcel ${parcel}?`),
      chosen: message('assistant', `Parcel ${parcel} is on its way.`),
      rejected: message('assistant', 'No idea, sorry.'),
    });
  });
  const file = join(folder, 'preferences.jsonl');
  await writeFile(file, rows.join('\n'));
  return file;
}

/** Starts train.py; the promise resolves when it has ended, however it ended. */
export const startTraining = ({ python }: Tools, config: string, options: readonly string[] = []) =>
  execa(python, [join(root, 'training', 'train.py'), '--config', config, ...options], {
    reject: false,
    // A training ends once its step is done, which a busy machine may take long over.
    forceKillAfterDelay: false,
  });

/** Waits until the training's heartbeat shows at least `step`. */
export async function waitForStep(output: string, step: number): Promise<void> {
  for (;;) {
    const text = await readFile(join(output, 'progress.json'), 'utf8').catch(() => '{"step":0}');
    if ((JSON.parse(text) as { step: number }).step >= step) return;
    await wait(20);
  }
}

export const readResult = async (output: string): Promise<Result> =>
  JSON.parse(await readFile(join(output, 'result.json'), 'utf8')) as Result;

export const readMetrics = async (output: string): Promise<MetricRow[]> =>
  (await readFile(join(output, 'metrics.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as MetricRow);

/** 1, 2, ... count */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Runs a Python file of the tests beside the training code and parses what it prints. */
export async function runPython<T>({ python }: Tools, script: string, args: string[]): Promise<T> {
  const { stdout } = await execa(python, [join(root, 'test', 'training', script), ...args], {
    env: { PYTHONPATH: join(root, 'training'), PYTHONDONTWRITEBYTECODE: '1', HF_HUB_OFFLINE: '1' },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}
