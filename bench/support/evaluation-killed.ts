import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EvaluationFiles } from './evaluation-cases.js';
import { evaluate, startEvaluate } from './evaluation-runs.js';
import type { JudgeServer } from './judge-server.js';

export interface Killed {
  /** Judgements on disk when the process was gone. */
  stored: number;
  /** Replies that the judge gave until then. */
  answered: number;
  /** Calls of the run that went on from there. */
  askedAgain: number;
}

/** Slow enough that the kill falls into the middle. */
const delayMilliseconds = 50;
const lookEveryMilliseconds = 20;

/** Whole lines of the result log: what a process that starts again can know. */
async function storedJudgements(home: string): Promise<number> {
  const folder = join(home, 'store', 'cache', 'judgements');
  const names = await readdir(folder).catch(() => []);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
  return texts.reduce((sum, text) => sum + text.split('\n').length - 1, 0);
}

/** Kills `understudy evaluate` once a third of the cases is stored, and runs it to its end. */
export async function killInTheMiddle({
  files,
  home,
  server,
}: {
  files: EvaluationFiles;
  home: string;
  server: JudgeServer;
}): Promise<Killed> {
  const { endpoint } = server;
  await server.count({ delayMilliseconds });
  const child = startEvaluate({ files, home, endpoint });
  while (child.exitCode === null && (await storedJudgements(home)) < files.cases / 3) await wait(lookEveryMilliseconds);
  child.kill('SIGKILL');
  await child;
  const stored = await storedJudgements(home);
  // Replies to the killed process that are still held are not counted as calls of the next one.
  await wait(2 * delayMilliseconds);
  const answered = (await server.count({ delayMilliseconds })).judgements;
  await evaluate({ files, home, endpoint });
  return { stored, answered, askedAgain: (await server.count()).judgements };
}
