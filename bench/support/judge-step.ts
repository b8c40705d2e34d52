import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createJudgeActivities } from '../../src/activities/judging/judge-answers.js';
import { judgingSchema } from '../../src/activities/judging/judged-file.js';
import { loadJson } from '../../src/activities/stored-json.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { openAiJudge } from '../../src/adapters/openai-judge/openai-judge.js';
import { evaluationSpecification } from '../../src/client/cli/evaluate/evaluation-specification.js';

/**
 * The judging of one evaluation by itself, as a worker does it: `prepare` lays spec, cases and answers into the store,
 * `judge` judges them. Prints one JSON object.
 */
const [step, root, file, ...rest] = process.argv.slice(2) as [string, string, string, ...string[]];
const store = new DirectoryStore({ root });

async function prepare({ spec, answers }: { spec: string; answers: string }) {
  const { ref } = await evaluationSpecification({ store, spec, overlays: [], golden: undefined });
  const lines = (await readFile(answers, 'utf8')).trimEnd().split('\n');
  const rows = lines.map((line) => `${JSON.stringify({ ...(JSON.parse(line) as object), reason: null })}\n`);
  const challengerAnswers = await store.put({ key: 'answers.jsonl', body: Buffer.from(rows.join('')) });
  return { model: 'bench', specification: ref, championAnswers: null, challengerAnswers };
}

async function judge({ releaseId, baseUrl, atOnce }: { releaseId: string; baseUrl: string; atOnce: number }) {
  const input = JSON.parse(await readFile(file, 'utf8')) as Awaited<ReturnType<typeof prepare>>;
  const limits = { concurrency: atOnce, requestsPerMinute: null, tokensPerMinute: null };
  const by = await openAiJudge({
    settings: { baseUrl, apiKey: null, timeoutMilliseconds: 60_000, ...limits },
    store: root,
  });
  const begun = performance.now();
  const { judging } = await createJudgeActivities({ store, judge: by }).judgeAnswers({ ...input, releaseId });
  const seconds = (performance.now() - begun) / 1000;
  await by.close();
  const { cases, unmeasured } = await loadJson({ store, ref: judging, schema: judgingSchema });
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
  return { seconds, megabytes: Number(peak[1]) / 1000, judged: cases - unmeasured };
}

const [first, second, third] = rest as [string, string, string];
const printed =
  step === 'prepare'
    ? await prepare({ spec: first, answers: second })
    : await judge({ releaseId: first, baseUrl: second, atOnce: Number(third) });
process.stdout.write(JSON.stringify(printed));
