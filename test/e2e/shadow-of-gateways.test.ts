import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { shadowEvidenceSchema } from '../../src/activities/shadow/shadow-evidence.js';
import { createShadowActivities } from '../../src/activities/shadow/watch-shadow.js';
import { loadJson } from '../../src/activities/stored-json.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { StoreRouter } from '../../src/adapters/store-router/store-router.js';
import type { WatchShadowInput, WatchShadowResult } from '../../src/contracts/shadow.js';
import { canonicalJson } from '../../src/domain/release/evidence.js';
import type { Target } from '../../src/domain/rollout/traffic-plan.js';
import { parseModelSpec } from '../../src/domain/spec/model-spec.js';
import { shadowSpecSchema } from '../../src/domain/spec/rollout-spec.js';
import { startScriptedUpstream } from '../support/scripted-upstream.js';
import { openGatewayPair } from './support/two-gateways.js';

const model = 'shop';
const owner = { workflowId: 'release:shop-r2', epoch: 4 };

describe('a shadow, from the gateways’ mirror to its verdict', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-shadow-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('compares what both releases answer to the same requests, and no user sees the challenger', async () => {
    const upstream = await startScriptedUpstream();
    const root = join(folder, 'store');
    const store = new DirectoryStore({ root });
    const router = new StoreRouter({ store });
    const target = (releaseId: string): Target => ({
      releaseId,
      endpoint: upstream.endpoint,
      adapter: releaseId,
      promptDigest: null,
      indexVersion: null,
    });
    const [champion, challenger] = [target('shop-r1'), target('shop-r2')];
    await router.write({ model, owner, change: { champion, reason: 'before' }, expectedRevision: null });
    const leaseUntil = new Date(Date.now() + 600_000).toISOString();
    const change = { challenger, mirrorShare: 1, leaseUntil, reason: 'shadow' };
    const { revision } = await router.write({ model, owner, change, expectedRevision: 1 });
    upstream.script({ model: 'shop-r1', answer: 'It arrives today at noon.' });
    upstream.script({ model: 'shop-r2', answer: 'It arrives today, at noon.' });
    const mirroredSoFar = (): number => upstream.received.filter((one) => one.model === 'shop-r2').length;
    const pair = await openGatewayPair({ store: root, home: folder });
    try {
      while (!(await pair.revisions()).every((one) => one === revision))
        await new Promise((done) => setTimeout(done, 20));
      const users = Array.from({ length: 60 }, (_, n) => `user ${n}`);
      // One after the other, as the mirror's queue is short on purpose.
      for (const [n, user] of users.entries()) {
        expect((await pair.ask({ gateway: n % 2, model, user })).release).to.equal('shop-r1');
        while (mirroredSoFar() <= n) await new Promise((done) => setTimeout(done, 5));
      }
      // A gateway that closes gives up what it has asked and not heard.
      while ((await pair.mirrored()) < users.length) await new Promise((done) => setTimeout(done, 5));
    } finally {
      // A gateway that drains stores the pairs that it has.
      await pair.close();
      await upstream.close();
    }
    const mirrored = mirroredSoFar();
    expect(mirrored).to.equal(60);

    const { spec } = parseModelSpec({
      apiVersion: 'understudy/v1',
      model,
      base: { id: 'base' },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
      evaluation: { preset: 'support-deterministic' },
    });
    const golden = { name: model, version: 'v1', ref: { uri: 'store://golden', sha256: 'a'.repeat(64), bytes: 1 } };
    const prompt = { system: null, template: '{query}', maxTokens: 32, temperature: 0 };
    const specification = await store.put({
      key: 'specs/shop/1.json',
      body: Buffer.from(canonicalJson({ version: 1, spec, golden, prompt, promptDigest: 'p', overlays: [] })),
    });
    const { watchShadow } = createShadowActivities({ store, router, judge: null });
    const now = new Date().toISOString();
    const result: WatchShadowResult = await new MockActivityEnvironment().run(
      (input: WatchShadowInput) => watchShadow(input),
      {
        releaseId: 'shop-r2',
        model,
        owner,
        revision,
        specification,
        champion,
        challenger,
        slowMilliseconds: 60_000,
        shadow: shadowSpecSchema.parse({ minimumPairs: 20 }),
        evidenceDigest: 'e'.repeat(64),
        startedAt: now,
        endsAt: now,
        leaseMilliseconds: 600_000,
        sliceMilliseconds: 0,
      },
    );
    expect(result).to.include({ kind: 'decided', verdict: 'pass' });
    if (result.kind !== 'decided') return;
    const evidence = await loadJson({ store, ref: result.evidence!, schema: shadowEvidenceSchema });
    expect(evidence.figures.challenger.pairs).to.equal(mirrored);
    expect(evidence.unread).to.deep.equal([]);
    expect(evidence.verdicts.find(({ gate }) => gate === 'shadow: similarity')!.value).to.equal(1);
    expect(evidence.figures.challenger.latencyP95).to.be.greaterThan(0);
  });
});
