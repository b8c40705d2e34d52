import { MockActivityEnvironment } from '@temporalio/testing';
import type { Judge } from '../../../src/activities/judging/judge-port.js';
import { createPacer, systemTiming } from '../../../src/activities/judging/pacer.js';
import type { LoggedAnswer } from '../../../src/activities/bad-answers/logged-answers.js';
import type { ChatMessage } from '../../../src/activities/ports.js';
import { encodeSegment } from '../../../src/activities/segment-file.js';
import { createWatchActivities } from '../../../src/activities/watch.js';
import { readRubrics, rubricFolder } from '../../../src/adapters/rubric-files/rubric-files.js';
import type { WatchInput, WatchResult } from '../../../src/contracts/watch.js';
import { canonicalJson } from '../../../src/domain/release/evidence.js';
import { parseModelSpec } from '../../../src/domain/spec/model-spec.js';
import { badAnswersSpecSchema } from '../../../src/domain/spec/rollout-spec.js';
import { createCanaryWorld, model, releaseId, watchInput } from '../support/canary-world.js';

const ref = { uri: 'store://golden', sha256: 'a'.repeat(64), bytes: 1 };
const good = 'Your parcel is in Oxford and comes today.';

export const guards = [{ event: 'badAnswer', direction: 'higher' as const, margin: 0.2, weight: 1 }];

/** A line of the request log: users 0, 4, 8 ... are the challenger's. */
export const logged = (user: number, change: Partial<LoggedAnswer> = {}): LoggedAnswer => {
  const arm = user % 4 === 0 ? 'challenger' : 'champion';
  return {
    kind: 'answer',
    id: `a${user}`,
    at: '2026-03-01T00:00:00.000Z',
    revision: 2,
    arm,
    bucket: user,
    release: arm === 'challenger' ? releaseId : 'm-r1',
    counted: true,
    status: 200,
    guardrail: null,
    query: 'Where is my parcel and when does it come?',
    answer: good,
    ...change,
  };
};

/** A canary with a request log, an applied spec, and a judge that finds so much of an answer relevant. */
export async function createSamplingWorld({
  judge: judgeSpec = null,
}: { judge?: Record<string, unknown> | null } = {}) {
  const world = await createCanaryWorld();
  const { store } = world;
  const { spec, problems } = parseModelSpec({
    apiVersion: 'understudy/v1',
    model,
    base: { id: 'base' },
    data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
    evaluation: { preset: 'support-deterministic', ...(judgeSpec && { judge: { model: 'cheap', ...judgeSpec } }) },
  });
  if (!spec) throw new Error(JSON.stringify(problems));
  const specification = await store.put({
    key: 'specs/m/1.json',
    body: Buffer.from(
      canonicalJson({
        version: 1,
        spec,
        golden: { name: 'm', version: 'v1', ref },
        prompt: { system: null, template: '{query}', maxTokens: 32, temperature: 0 },
        promptDigest: 'p',
        overlays: [],
      }),
    ),
  });
  let helps: (text: string) => boolean = () => true;
  let asked = 0;
  const judge: Judge = {
    endpoint: 'http://127.0.0.1:1/v1',
    rubrics: await readRubrics({ folder: rubricFolder }),
    results: { get: async () => null, put: async () => undefined },
    limits: { concurrency: 4, requestsPerMinute: null, tokensPerMinute: null },
    chat: {
      complete: async ({ messages }: { messages: ChatMessage[] }) => {
        asked += 1;
        const text = messages.at(-1)!.content;
        const reply = text.includes('<items>')
          ? { verdicts: [{ item: 1, verdict: helps(text) ? 'yes' : 'no', reason: 'r' }] }
          : { claims: [/<answer>([^]*)<\/answer>/.exec(text)?.[1]?.trim() ?? ''] };
        return { text: JSON.stringify(reply), milliseconds: 1, promptTokens: 100, completionTokens: 10 };
      },
    },
  };
  let segments = 0;
  await world.startCanary();
  return {
    ...world,
    asked: (): number => asked,
    helpsWhere: (how: (text: string) => boolean): void => {
      helps = how;
    },
    writeLog: async (lines: readonly LoggedAnswer[]): Promise<void> => {
      segments += 1;
      await store.put({
        key: `requests/${model}/2026-03-01/00/g1-${segments}.jsonl.zst`,
        body: await encodeSegment({ lines: lines.map((one) => JSON.stringify(one)) }),
      });
    },
    /** Watches one look, and takes one sample after it. */
    watch: (change: Partial<WatchInput> = {}): Promise<WatchResult> => {
      const ports = {
        ...world.ports(),
        judge: judgeSpec && judge,
        pacer: judgeSpec && createPacer({ limits: judge.limits, timing: systemTiming }),
      };
      const badAnswers = badAnswersSpecSchema.parse({ sample: 1 });
      const input = watchInput({ guards, badAnswers, specification, ...change });
      return new MockActivityEnvironment().run(createWatchActivities(ports).watchGuards, input);
    },
  };
}
export type SamplingWorld = Awaited<ReturnType<typeof createSamplingWorld>>;
