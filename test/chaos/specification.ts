import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ArtifactRef } from '../../src/domain/artifact-ref.js';
import { canonicalJson } from '../../src/domain/release/evidence.js';
import { defaultPrompt } from '../../src/domain/release/prompt.js';
import { parseModelSpec } from '../../src/domain/spec/model-spec.js';
import { specificationSchema } from '../../src/domain/spec/specification.js';
import type { MemoryStore } from './world/memory-store.js';

const example = (path: string): string =>
  fileURLToPath(new URL(`../../examples/support-assistant/${path}`, import.meta.url));

const tickets = 160;
const cases = 70;
export const leaseSeconds = 15;

const firstLines = async (path: string, count: number): Promise<string[]> =>
  (await readFile(example(path), 'utf8')).split('\n').filter(Boolean).slice(0, count);

/** The example's questions with the right answer to each. */
export async function readAnswers(): Promise<Map<string, string>> {
  const golden = await firstLines('golden/v1.jsonl', cases);
  return new Map(
    golden.map((line) => {
      const { input, reference } = JSON.parse(line) as { input: string; reference: string };
      return [input, reference];
    }),
  );
}

/** A spec with every stage and times of seconds, with its files in the store. */
export async function storeSpecification({
  store,
  model,
}: {
  store: MemoryStore;
  model: string;
}): Promise<ArtifactRef> {
  const rows = await firstLines('data/tickets-2026-q1.csv', tickets + 1);
  await store.put({ key: 'chaos/tickets.csv', body: Buffer.from(`${rows.join('\n')}\n`) });
  const golden = await firstLines('golden/v1.jsonl', cases);
  const ref = await store.put({ key: 'golden/chaos/v1.jsonl', body: Buffer.from(`${golden.join('\n')}\n`) });
  const step = { duration: '1s', maximum: '30m', minimumKeys: 10 };
  const { spec, problems } = parseModelSpec({
    ...{ apiVersion: 'understudy/v1', model, base: { id: 'base' } },
    data: {
      recipe: 'support-tickets',
      source: { kind: 'csv', uri: 'store://chaos/tickets.csv' },
      cluster: 'customer_id',
      languages: ['en'],
      goldenSet: 'golden.jsonl',
    },
    evaluation: {
      preset: 'support-deterministic',
      decision: 'nonInferior',
      gates: [{ metric: 'quasiExactMatch', min: 0 }],
    },
    rollout: {
      slo: { latencyP95: '5s' },
      smokeChecks: { injections: 1, consistencyCases: 2, consistency: '50%' },
      load: { expectedPeak: '6/s', factor: 1, duration: '1s', minimumSuccess: '80%' },
      shadow: { duration: '2s', minimumPairs: 30, onInconclusive: 'ask' },
      approval: { expires: '1h' },
      canary: {
        steps: [
          { share: '10%', ...step },
          { share: '50%', ...step },
        ],
        guards: [{ event: 'error' }],
      },
      lease: `${leaseSeconds}s`,
      bake: { duration: '1s', maximum: '30m', holdback: '5%' },
      keepReleases: 2,
    },
    notify: [{ kind: 'log', from: 'info' }],
  });
  if (!spec) throw new Error(JSON.stringify(problems));
  const specification = specificationSchema.parse({
    ...{ version: 1, spec, golden: { name: 'chaos', version: 'v1', ref } },
    ...{ prompt: defaultPrompt, promptDigest: 'p', overlays: [] },
  });
  return await store.put({ key: `specs/${model}/1.json`, body: Buffer.from(canonicalJson(specification)) });
}
