import { MockActivityEnvironment } from '@temporalio/testing';
import type { Judge } from '../../../src/activities/judging/judge-port.js';
import type { ChatMessage } from '../../../src/activities/ports.js';
import { encodeSegment } from '../../../src/activities/segment-file.js';
import { createShadowActivities } from '../../../src/activities/shadow/watch-shadow.js';
import { readRubrics, rubricFolder } from '../../../src/adapters/rubric-files/rubric-files.js';
import type { ShadowPair } from '../../../src/contracts/shadow-pair.js';
import type { WatchShadowInput, WatchShadowResult } from '../../../src/contracts/shadow.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import { canonicalJson } from '../../../src/domain/release/evidence.js';
import { parseModelSpec } from '../../../src/domain/spec/model-spec.js';
import { shadowSpecSchema } from '../../../src/domain/spec/rollout-spec.js';
import { createCanaryWorld, model, owner, releaseId, target } from '../support/canary-world.js';

const ref = { uri: 'store://golden', sha256: 'a'.repeat(64), bytes: 1 };

export const shadowPair = (index: number, change: Partial<ShadowPair> = {}): ShadowPair => ({
  at: '2026-03-01T00:00:00.000Z',
  id: `p${index}`,
  model,
  revision: 2,
  bucket: index,
  request: { query: `Where is parcel ${index}?`, messages: [{ role: 'user', content: `Where is parcel ${index}?` }] },
  champion: {
    release: 'm-r1',
    answer: `Parcel ${index} is in Oxford.`,
    latencyMs: 200,
    promptTokens: 20,
    completionTokens: 7,
  },
  challenger: {
    release: releaseId,
    answer: `Parcel ${index} is in Oxford, due today.`,
    latencyMs: 210,
    promptTokens: 20,
    completionTokens: 9,
  },
  ...change,
});

/** What a judge that sees both answers says is better. */
type Prefers = (seen: { first: string; second: string; question: string }) => 'first' | 'second' | 'tie';

const between = (text: string, tag: string): string =>
  new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(text)?.[1]?.trim() ?? '';

/** A plan that mirrors, segments of pairs, a judge that prefers as a test says, and a clock that a test moves. */
export async function createShadowWorld({ judge: judgeSpec }: { judge: Record<string, unknown> | null }) {
  const world = await createCanaryWorld();
  const { store } = world;
  const { spec, problems } = parseModelSpec({
    apiVersion: 'understudy/v1',
    model,
    base: { id: 'base' },
    data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
    evaluation: {
      preset: 'support-deterministic',
      answerPrice: { input: 1, output: 2 },
      ...(judgeSpec && { judge: { model: 'cheap', ...judgeSpec } }),
    },
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
  await world.startCanary();
  const traffic = world.traffic();
  const change = { challenger: target(releaseId), challengerShare: 0, mirrorShare: 1, reason: 'shadow' };
  const plan = await traffic.writePlan({ model, owner, change, leaseMilliseconds: 60_000 });
  let prefers: Prefers = () => 'tie';
  const asked: string[] = [];
  const known = new Map<string, string>();
  const judge: Judge = {
    endpoint: 'http://127.0.0.1:1/v1',
    rubrics: await readRubrics({ folder: rubricFolder }),
    results: {
      get: async ({ key }) => known.get(key) ?? null,
      put: async ({ key, value }) => void known.set(key, value),
    },
    limits: { concurrency: 4, requestsPerMinute: null, tokensPerMinute: null },
    chat: {
      complete: async ({ messages }: { messages: ChatMessage[] }) => {
        const text = messages.at(-1)!.content;
        const seen = {
          first: between(text, 'first'),
          second: between(text, 'second'),
          question: between(text, 'question'),
        };
        asked.push(seen.question);
        return {
          text: JSON.stringify({ reason: 'r', better: prefers(seen) }),
          milliseconds: 1,
          promptTokens: 100,
          completionTokens: 10,
        };
      },
    },
  };
  let segments = 0;
  return {
    ...world,
    asked,
    revision: plan.revision,
    preferBy: (how: Prefers): void => {
      prefers = how;
    },
    writePairs: async (pairs: readonly ShadowPair[]): Promise<void> => {
      segments += 1;
      await store.put({
        key: `${storeKeys.shadowPairs({ releaseId })}g1-${String(segments).padStart(4, '0')}.jsonl.zst`,
        body: await encodeSegment({ lines: pairs.map((one) => JSON.stringify(one)) }),
      });
    },
    /** Watches once, unless `change` asks for a longer slice. */
    watchShadow: (change: Partial<WatchShadowInput> = {}): Promise<WatchShadowResult> => {
      const { watchShadow } = createShadowActivities({ ...world.ports(), judge: judgeSpec && judge });
      const at = world.clock.now();
      return new MockActivityEnvironment().run(watchShadow, {
        releaseId,
        model,
        owner,
        specification,
        revision: plan.revision,
        challenger: target(releaseId),
        champion: target('m-r1'),
        slowMilliseconds: 450,
        shadow: shadowSpecSchema.parse({ minimumPairs: 40 }),
        evidenceDigest: 'e'.repeat(64),
        startedAt: at,
        sliceMilliseconds: 0,
        leaseMilliseconds: 60_000,
        endsAt: new Date(Date.parse(at) + 3_600_000).toISOString(),
        ...change,
      });
    },
  };
}
export type ShadowWorld = Awaited<ReturnType<typeof createShadowWorld>>;
