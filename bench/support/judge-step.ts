import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Answers from '../../src/activities/judging/judge-answers.js';
import type * as File from '../../src/activities/judging/judged-file.js';
import type * as Json from '../../src/activities/stored-json.js';
import type * as Store from '../../src/adapters/directory-store/directory-store.js';
import type * as OpenAi from '../../src/adapters/openai-judge/openai-judge.js';
import { sha256Hex } from '../../src/domain/release/evidence.js';
import type * as Specification from '../../src/client/cli/evaluate/evaluation-specification.js';

/**
 * The judging of one evaluation by itself, as a worker does it: `prepare` lays spec, cases and answers into the store,
 * `judge` judges them. Runs the compiled `source`, as threads of a source read through a loader start slowly. Prints
 * one JSON object.
 */
const [step, source, root, file, ...rest] = process.argv.slice(2) as [string, string, string, string, ...string[]];

const compiled = async <Module>(path: string): Promise<Module> =>
  (await import(pathToFileURL(join(source, path)).href)) as Module;

const { DirectoryStore } = await compiled<typeof Store>('adapters/directory-store/directory-store.js');
const store = new DirectoryStore({ root });

async function prepare({ spec, answers }: { spec: string; answers: string }) {
  const { evaluationSpecification } = await compiled<typeof Specification>(
    'client/cli/evaluate/evaluation-specification.js',
  );
  const { ref } = await evaluationSpecification({ store, spec, overlays: [], golden: undefined });
  const lines = (await readFile(answers, 'utf8')).trimEnd().split('\n');
  const rows = lines.map((line) => `${JSON.stringify({ ...(JSON.parse(line) as object), reason: null })}\n`);
  const challengerAnswers = await store.put({
    key: `answers/${sha256Hex(rows.join(''))}.jsonl`,
    body: Buffer.from(rows.join('')),
  });
  return { model: 'bench', specification: ref, championAnswers: null, challengerAnswers };
}

async function judge({
  releaseId,
  baseUrl,
  atOnce,
  before,
}: {
  releaseId: string;
  baseUrl: string;
  atOnce: number;
  /** What the same process judges first, as a worker has; '' for a process that has only started. */
  before: string;
}) {
  const { createJudgeActivities } = await compiled<typeof Answers>('activities/judging/judge-answers.js');
  const { judgingSchema } = await compiled<typeof File>('activities/judging/judged-file.js');
  const { loadJson } = await compiled<typeof Json>('activities/stored-json.js');
  const { openAiJudge } = await compiled<typeof OpenAi>('adapters/openai-judge/openai-judge.js');
  const inputIn = async (path: string) =>
    JSON.parse(await readFile(path, 'utf8')) as Awaited<ReturnType<typeof prepare>>;
  const input = await inputIn(file);
  const limits = { concurrency: atOnce, requestsPerMinute: null, tokensPerMinute: null };
  const by = await openAiJudge({
    settings: { baseUrl, bedrockRegion: null, apiKey: null, timeoutMilliseconds: 60_000, ...limits },
    store: root,
  });
  const activities = createJudgeActivities({ store, judge: by });
  if (before !== '') await activities.judgeAnswers({ ...(await inputIn(before)), releaseId: 'before-r1' });
  const used = process.cpuUsage();
  const begun = performance.now();
  const { judging } = await activities.judgeAnswers({ ...input, releaseId });
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(used);
  await by.close();
  const { cases, unmeasured } = await loadJson({ store, ref: judging, schema: judgingSchema });
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
  return {
    seconds,
    processorSeconds: (user + system) / 1e6,
    megabytes: Number(peak[1]) / 1000,
    judged: cases - unmeasured,
  };
}

const [first, second, third, fourth = ''] = rest as [string, string, string, string?];
const printed =
  step === 'prepare'
    ? await prepare({ spec: first, answers: second })
    : await judge({ releaseId: first, baseUrl: second, atOnce: Number(third), before: fourth });
process.stdout.write(JSON.stringify(printed));
