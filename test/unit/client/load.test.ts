import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { expect } from 'chai';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { StoreRouter } from '../../../src/adapters/store-router/store-router.js';
import { startLoadTest, type LoadRequest } from '../../../src/client/load.js';
import type { LoadInput } from '../../../src/contracts/load.js';
import { canonicalJson } from '../../../src/domain/release/evidence.js';
import type { Target } from '../../../src/domain/rollout/traffic-plan.js';
import { parseModelSpec } from '../../../src/domain/spec/model-spec.js';

const model = 'shop';
const target = (releaseId: string): Target => ({
  ...{ releaseId, endpoint: 'http://127.0.0.1:1/v1', adapter: releaseId, promptDigest: null, indexVersion: null },
});

describe('startLoadTest', () => {
  let root: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-load-'));
    store = new DirectoryStore({ root });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const servePlan = (challenger: Target | null) =>
    new StoreRouter({ store }).write({
      ...{ model, owner: { workflowId: 'release:shop-r1', epoch: 2 }, expectedRevision: null },
      change: { champion: target('shop-r1'), challenger, reason: 'test' },
    });

  /** What the workflow was started with, by a Temporal that only takes notes. */
  async function started(request: Partial<LoadRequest>, load: unknown = { expectedPeak: '20/s', duration: '2m' }) {
    const { spec } = parseModelSpec({
      ...{ apiVersion: 'understudy/v1', model, base: { id: 'base' } },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
      ...{ evaluation: { preset: 'support-deterministic' }, rollout: { load, slo: { latencyP95: '1s' } } },
    });
    const golden = { name: model, version: 'v1', ref: { uri: 'store://golden', sha256: 'a'.repeat(64), bytes: 1 } };
    const prompt = { system: null, template: '{query}', maxTokens: 32, temperature: 0 };
    const specification = await store.put({
      key: 'specs/shop/1.json',
      body: Buffer.from(canonicalJson({ version: 1, spec, golden, prompt, promptDigest: 'p', overlays: [] })),
    });
    const notes: { workflowId: string; input: LoadInput }[] = [];
    const workflow = {
      getHandle: () => ({ query: async () => ({ champion: { releaseId: 'shop-r1', specification }, specification }) }),
      start: async (_type: string, { workflowId, args: [input] }: { workflowId: string; args: [LoadInput] }) => {
        notes.push({ workflowId, input });
        return { workflowId, result: async () => ({ verdict: 'pass' }) };
      },
    };
    await startLoadTest({
      ...{ temporal: { workflow } as unknown as Client, store, queuePrefix: '' },
      request: { model, releaseId: null, perSecond: null, milliseconds: null, ...request },
    });
    return notes[0]!;
  }

  it('asks the champion as the spec says', async () => {
    await servePlan(null);
    const { workflowId, input } = await started({});
    expect(workflowId).to.equal('load:shop-r1');
    expect(input).to.deep.include({ perSecond: 30, milliseconds: 120_000, latencyP95Milliseconds: 1000 });
    expect(input).to.deep.include({ target: target('shop-r1'), evidenceDigest: null });
  });

  it('asks a named release at a named rate', async () => {
    await servePlan(target('shop-r2'));
    const { input } = await started({ releaseId: 'shop-r2', perSecond: 5, milliseconds: 1000 }, null);
    expect(input).to.include({ releaseId: 'shop-r2', perSecond: 5, milliseconds: 1000 });
  });

  it('says what is missing: a plan, the release in it, a rate', async () => {
    const refusal = (request: Partial<LoadRequest>, load?: unknown): Promise<string> =>
      started(request, load).then(String, (error: RangeError) => error.message);
    expect(await refusal({})).to.equal('shop has no traffic plan: no release serves it yet');
    await servePlan(target('shop-r2'));
    expect(await refusal({ releaseId: 'shop-r9' })).to.match(
      /does not serve shop now; expected one of shop-r1, shop-r2$/,
    );
    expect(await refusal({}, null)).to.match(/has no rollout.load; name a rate/);
  });

  it('refuses what would take all memory of a worker before it starts anything', async () => {
    await servePlan(null);
    const refusal = (request: Partial<LoadRequest>): Promise<string> =>
      started(request).then(
        ({ input }) => `started at ${input.perSecond}`,
        (error: RangeError) => error.message,
      );
    expect(await refusal({ perSecond: 1e9 })).to.equal('shop: 1000000000 requests a second; expected at most 10000');
    expect(await refusal({ perSecond: 100, milliseconds: 86_400_000 })).to.match(
      /^shop: 100 requests a second for 86400 s, 11880000 with the steps before; expected at most 1000000$/,
    );
    expect(await refusal({ perSecond: 10_000, milliseconds: 1000 })).to.equal('started at 10000');
  });
});
