import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { writeEvaluation } from './evaluation-cases.js';
import { atOnce } from './evaluation-runs.js';

const script = fileURLToPath(new URL('judge-step.ts', import.meta.url));
const compiled = fileURLToPath(new URL('../../dist', import.meta.url));
/** Enough for a process to have compiled what judges. */
export const otherCases = 2000;
const count = z.number();
const judgedSchema = z.object({ seconds: count, processorSeconds: count, megabytes: count, judged: count });

export type JudgedStep = z.infer<typeof judgedSchema>;

/** Runs in a process of its own, whose memory is its alone and which knows only what is stored. */
async function run({ flags = [], line }: { flags?: string[]; line: string[] }): Promise<string> {
  const { stdout } = await execa(process.execPath, [...flags, '--import', 'tsx', script, ...line], {
    stderr: 'inherit',
  });
  return stdout;
}

/**
 * Lays an evaluation into a store and gives what judges it, by the compiled code that `ensureCommand` leaves.
 * @param folder of the files; the store is made in it
 * @param flags of Node.js, for the judging
 * @returns a function that judges in a new process; `warm` lets it judge other cases before, as a worker has
 */
export async function judgeSteps({
  folder,
  cases,
  endpoint,
  flags = [],
}: {
  folder: string;
  cases: number;
  endpoint: string;
  flags?: string[];
}) {
  const store = join(folder, 'store');
  const prepared = async (name: string, numbers: { cases: number; from?: number }): Promise<string> => {
    const input = join(folder, `${name}.json`);
    await mkdir(join(folder, name));
    const files = await writeEvaluation({ folder: join(folder, name), ...numbers });
    await writeFile(input, await run({ line: ['prepare', compiled, store, input, files.spec, files.answers] }));
    return input;
  };
  const input = await prepared('input', { cases });
  const others = await prepared('others', { cases: otherCases, from: cases });
  return async ({ releaseId, warm = false }: { releaseId: string; warm?: boolean }): Promise<JudgedStep> => {
    const line = ['judge', compiled, store, input, releaseId, endpoint, String(atOnce), warm ? others : ''];
    const judged = await run({ flags, line });
    return judgedSchema.parse(JSON.parse(judged));
  };
}
