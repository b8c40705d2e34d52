import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { writeEvaluation } from './evaluation-cases.js';
import { atOnce } from './evaluation-runs.js';

const script = fileURLToPath(new URL('judge-step.ts', import.meta.url));
const compiled = fileURLToPath(new URL('../../dist', import.meta.url));
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
  const files = await writeEvaluation({ folder, cases });
  const [store, input] = [join(folder, 'store'), join(folder, 'input.json')];
  await writeFile(input, await run({ line: ['prepare', compiled, store, input, files.spec, files.answers] }));
  return async ({ releaseId }: { releaseId: string }): Promise<JudgedStep> => {
    const judged = await run({ flags, line: ['judge', compiled, store, input, releaseId, endpoint, String(atOnce)] });
    return judgedSchema.parse(JSON.parse(judged));
  };
}
