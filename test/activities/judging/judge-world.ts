import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createJudgeActivities, type JudgingProgress } from '../../../src/activities/judging/judge-answers.js';
import type { Judge } from '../../../src/activities/judging/judge-port.js';
import {
  judgedRowSchema,
  judgingSchema,
  type JudgedRow,
  type Judging,
} from '../../../src/activities/judging/judged-file.js';
import { loadJson, loadJsonLines } from '../../../src/activities/stored-json.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { OpenAiChat } from '../../../src/adapters/openai-chat/openai-chat.js';
import { ResultLog } from '../../../src/adapters/result-log/result-log.js';
import { readRubrics } from '../../../src/adapters/rubric-files/rubric-files.js';
import type { JudgedAnswers } from '../../../src/contracts/evaluation.js';
import type { ArtifactRef } from '../../../src/domain/artifact-ref.js';
import type { Answer } from '../../../src/domain/evaluation/answer.js';
import { canonicalJson } from '../../../src/domain/release/evidence.js';
import { parseModelSpec } from '../../../src/domain/spec/model-spec.js';
import { type ReceivedRequest, type ScriptedUpstream, startScriptedUpstream } from '../../support/scripted-upstream.js';

const lines = (all: readonly unknown[]): Buffer => Buffer.from(all.map((one) => `${JSON.stringify(one)}\n`).join(''));

export const answerOf = (id: string, answer: string | null, more: Partial<Answer> = {}): Answer => ({
  ...{ id, answer, reason: answer === null ? 'the endpoint refused it' : null },
  ...{ promptTokens: 1, completionTokens: 1, milliseconds: 1 },
  ...more,
});

/** What a sensible judge says: claims are sentences, right ones contain "right", everything else is a 4. */
export function sensibleReply(body: ReceivedRequest['body']): string {
  const asked = body.messages.find((one) => one.role === 'user')!.content;
  const text = /<(?:answer|text|reference)>([^<]*)</.exec(asked)?.[1] ?? '';
  if (asked.includes('"claims"')) return JSON.stringify({ claims: text.split('. ').filter((part) => part !== '') });
  if (!asked.includes('"verdicts"')) return JSON.stringify({ reason: 'fits', score: 4 });
  const items = /<items>([^]*?)<\/items>/.exec(asked)![1]!.split('\n');
  return JSON.stringify({
    verdicts: items.map((item, index) => ({
      ...{ item: index + 1, reason: 'seen' },
      verdict: item.includes('right') ? 'yes' : 'no',
    })),
  });
}

/** A store with a golden set and answers, a judge on a real server, and a clock that waits for nobody. */
export async function judgeWorld({ caseCount = 6 }: { caseCount?: number } = {}) {
  const root = await mkdtemp(join(tmpdir(), 'understudy-judging-'));
  const store = new DirectoryStore({ root });
  const upstream: ScriptedUpstream = await startScriptedUpstream();
  const logs: ResultLog[] = [];
  const cases = Array.from({ length: caseCount }, (_, index) => ({
    ...{ id: `g${index}`, input: `Question ${index}?`, reference: `This is right ${index}`, cluster: `c${index}` },
    tags: { language: 'en' },
  }));
  const rubrics = await readRubrics({ folder: fileURLToPath(new URL('../../../rubrics', import.meta.url)) });
  const slept: number[] = [];
  let time = 0;
  upstream.script({ model: 'cheap', each: (body) => ({ answer: sensibleReply(body) }) });
  upstream.script({ model: 'strong', each: (body) => ({ answer: sensibleReply(body) }) });

  /** As after a start of the process: nothing but what was stored is known. */
  const judge = ({ concurrency = 4, timeoutMilliseconds = 500 } = {}): Judge => {
    const results = new ResultLog({ folder: join(root, 'cache', 'judgements') });
    logs.push(results);
    return {
      ...{ endpoint: upstream.endpoint, rubrics, results },
      chat: new OpenAiChat({ apiKey: 'sk-judge', timeoutMilliseconds }),
      limits: { concurrency, requestsPerMinute: null, tokensPerMinute: null },
    };
  };

  async function specify({
    judge: spec = {},
    metrics = ['faithfulness'],
    retrieval = null,
    ...rest
  }: Record<string, unknown> = {}) {
    const golden = await store.put({ key: 'golden/m/v1.jsonl', body: lines(cases) });
    const read = parseModelSpec({
      ...{ apiVersion: 'understudy/v1', model: 'm', base: { id: 'base' } },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
      retrieval,
      evaluation: {
        preset: 'support-deterministic',
        gates: (metrics as string[]).map((metric) => ({ metric, min: 0 })),
        judge: spec === null ? null : { model: 'cheap', ...(spec as object) },
        ...rest,
      },
    });
    if (!read.spec) throw new Error(JSON.stringify(read.problems));
    const prompt = { system: null, template: '{query}', maxTokens: 32, temperature: 0 };
    const specification = {
      ...{ version: 1, spec: read.spec, golden: { name: 'm', version: 'v1', ref: golden } },
      ...{ prompt, promptDigest: 'p', overlays: [] },
    };
    return await store.put({ key: 'specs/m/1.json', body: Buffer.from(canonicalJson(specification)) });
  }

  const putAnswers = (name: string, answers: readonly Answer[]): Promise<ArtifactRef> =>
    store.put({ key: `answers/${name}.jsonl`, body: lines(answers) });

  const rightAnswers = () =>
    putAnswers(
      'right',
      cases.map(({ id }) => answerOf(id, `This is right ${id}`)),
    );

  /** One attempt of the activity, in a process of its own as far as memory goes. */
  async function run({
    specification,
    challenger,
    champion = null,
    releaseId = 'm-r2',
    by = judge(),
    environment = new MockActivityEnvironment(),
    progress = () => undefined,
  }: {
    specification: ArtifactRef;
    challenger: ArtifactRef;
    champion?: ArtifactRef | null;
    releaseId?: string;
    by?: Judge | null;
    environment?: MockActivityEnvironment;
    progress?: (progress: JudgingProgress) => void;
  }): Promise<{ judged: JudgedAnswers; rows: JudgedRow[]; judging: Judging }> {
    const timing = {
      now: () => time,
      sleep: async (milliseconds: number) => {
        slept.push(milliseconds);
        time += milliseconds;
        await new Promise((resolve) => setImmediate(resolve));
      },
    };
    const { judgeAnswers } = createJudgeActivities({ store, judge: by, timing, progress });
    const input = {
      ...{ releaseId, model: 'm', specification },
      ...{ championAnswers: champion, challengerAnswers: challenger },
    };
    const judged: JudgedAnswers = await environment.run((given: typeof input) => judgeAnswers(given), input);
    return {
      judged,
      rows: await loadJsonLines({ store, ref: judged.scores, schema: judgedRowSchema }),
      judging: await loadJson({ store, ref: judged.judging, schema: judgingSchema }),
    };
  }

  return {
    ...{ root, store, upstream, cases, slept, judge, specify, putAnswers, rightAnswers, run },
    passTime: (milliseconds: number) => (time += milliseconds),
    asked: (model: string) => upstream.received.filter((one) => one.model === model).length,
    close: async () => {
      await Promise.all([upstream.close(), ...logs.map((log) => log.close())]);
      await rm(root, { recursive: true, force: true });
    },
  };
}
export type JudgeWorld = Awaited<ReturnType<typeof judgeWorld>>;
