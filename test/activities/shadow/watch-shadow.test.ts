import { expect } from 'chai';
import { recomputeShadow } from '../../../src/activities/recompute/recompute-shadow.js';
import { shadowEvidenceSchema } from '../../../src/activities/shadow/shadow-evidence.js';
import { loadJson } from '../../../src/activities/stored-json.js';
import type { WatchShadowResult } from '../../../src/contracts/shadow.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import { shadowSpecSchema } from '../../../src/domain/spec/rollout-spec.js';
import { model, owner, releaseId, target } from '../support/canary-world.js';
import { createShadowWorld, shadowPair, type ShadowWorld } from './shadow-world.js';

const pairs = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => shadowPair(from + n));
const over = '2026-03-01T00:00:00.000Z';

describe('watchShadow', () => {
  let world: ShadowWorld;
  const open = async (judge: Record<string, unknown> | null = { allowUncalibrated: ['pairwisePreference'] }) => {
    world = await createShadowWorld({ judge });
  };
  afterEach(() => world.dispose());

  const decided = async (result: WatchShadowResult) => {
    expect(result.kind).to.equal('decided');
    if (result.kind !== 'decided') throw new Error('not decided');
    return {
      result,
      evidence: await loadJson({ store: world.store, ref: result.evidence!, schema: shadowEvidenceSchema }),
    };
  };

  it('ends early at a win, judged blind in both orders, and can be recomputed from its evidence', async () => {
    await open();
    world.preferBy(({ first }) => (first.includes('due today') ? 'first' : 'second'));
    await world.writePairs(pairs(0, 60));
    const { result, evidence } = await decided(await world.watchShadow());
    expect(result).to.include({ verdict: 'pass' });
    expect(evidence).to.deep.include({ over: false, before: 'e'.repeat(64), champion: 'm-r1' });
    expect(world.asked).to.have.length(100);
    expect(await recomputeShadow({ store: world.store, releaseId })).to.deep.equal({
      part: 'shadow',
      verdict: 'pass',
      from: '50 pairs',
      differences: [],
      asRecorded: [],
    });
    expect(result.evidenceDigest).to.equal(result.evidence!.sha256);
    expect(result.costUsd).to.be.closeTo((100 * (100 * 5 + 10 * 20)) / 1e6, 1e-12);
  });

  it('shows what somebody changed afterwards', async () => {
    await open();
    world.preferBy(({ first }) => (first.includes('due today') ? 'first' : 'second'));
    await world.writePairs(pairs(0, 60));
    const { evidence } = await decided(await world.watchShadow());
    const key = storeKeys.shadowEvidence({ releaseId });
    const verdicts = evidence.verdicts.map((one) => ({ ...one, value: one.value === 1 ? 0.9 : one.value }));
    await world.store.put({ key, body: Buffer.from(JSON.stringify({ ...evidence, verdicts })) });
    const again = await recomputeShadow({ store: world.store, releaseId });
    expect(again!.differences).to.deep.equal([{ what: 'shadow: preference: value', recorded: 0.9, recomputed: 1 }]);
    await world.store.put({ key: `releases/${releaseId}/shadow/rows-000000.jsonl`, body: Buffer.from('') });
    const missing = await recomputeShadow({ store: world.store, releaseId }).catch((error: Error) => error.message);
    expect(missing).to.match(/SHA-256 is .*, expected/);
  });

  it('ends early at a loss, before there are enough pairs', async () => {
    await open();
    world.preferBy(({ first }) => (first.includes('due today') ? 'second' : 'first'));
    await world.writePairs(pairs(0, 20));
    const { result, evidence } = await decided(await world.watchShadow());
    expect(result.verdict).to.equal('fail');
    expect(result.reason).to.match(/^shadow: preference: mean preference 0 of 20 pairs/);
    expect(evidence.disagreements.pairs).to.equal(20);
    expect(evidence.disagreements.clusters.flatMap(({ examples }) => examples)).to.have.length(10);
  });

  it('takes a judge that follows the place for one that said nothing', async () => {
    await open();
    world.preferBy(() => 'first');
    await world.writePairs(pairs(0, 60));
    const { result, evidence } = await decided(await world.watchShadow({ endsAt: over }));
    expect(result.verdict).to.equal('unmeasured');
    expect(evidence.reason).to.contain('the judge changed its mind with the order of the answers');
  });

  it('goes on where a killed attempt stopped: nothing is judged or paid for twice', async () => {
    await open();
    await world.writePairs(pairs(0, 30));
    expect((await world.watchShadow()).kind).to.equal('slice');
    expect(world.asked).to.have.length(60);
    await world.writePairs([...pairs(20, 30), ...pairs(30, 35)]);
    const { result, evidence } = await decided(await world.watchShadow({ endsAt: over }));
    expect(world.asked).to.have.length(70);
    expect(evidence.figures.champion.pairs).to.equal(35);
    expect(result.costUsd).to.be.closeTo((70 * (100 * 5 + 10 * 20)) / 1e6, 1e-12);
    expect(result.verdict).to.equal('inconclusive');
  });

  it('counts and judges each sticky key once, however much one person asks', async () => {
    await open();
    await world.writePairs(Array.from({ length: 80 }, (_, n) => shadowPair(n, { bucket: n % 5 })));
    const { result, evidence } = await decided(await world.watchShadow({ endsAt: over }));
    expect(world.asked).to.have.length(10);
    expect(result.verdict).to.equal('inconclusive');
    expect(evidence.verdicts[0]!.reason).to.equal('5 pairs of different keys (80 in all) < 40');
  });

  it('judges no further than its own budget, and says so', async () => {
    await open();
    await world.writePairs(pairs(0, 60));
    const shadow = shadowSpecSchema.parse({ minimumPairs: 40, budgetUsd: 0.01 });
    const { result, evidence } = await decided(await world.watchShadow({ shadow, endsAt: over }));
    expect(result.costUsd).to.be.at.most(0.01);
    expect(result.verdict).to.equal('inconclusive');
    expect(evidence.reason).to.match(
      /pairs without a judgement: over the judge.s budget of 0.0100 USD.* Raise rollout.shadow.budgetUsd/,
    );
  });

  it('has a judge who is not calibrated inform only, unless the spec names the metric', async () => {
    await open({});
    world.preferBy(({ first }) => (first.includes('due today') ? 'second' : 'first'));
    await world.writePairs(pairs(0, 60));
    const { result, evidence } = await decided(await world.watchShadow({ endsAt: over }));
    expect(result.verdict).to.equal('pass');
    expect(result.reason).to.match(/the judge decided nothing \(the judge was never calibrated/);
    expect(evidence.judge).to.include({ name: 'cheap', decides: false });
  });

  it('compares without a judge, and shows no personal data in its examples', async () => {
    await open(null);
    const personal = shadowPair(0, {
      request: {
        query: 'Write to ann.miller@example.com',
        messages: [{ role: 'user', content: 'Write to ann.miller@example.com' }],
      },
      challenger: { release: releaseId, error: { kind: 'status', message: '500' }, latencyMs: 20 },
    });
    await world.writePairs([personal, ...pairs(1, 60)]);
    const { result, evidence } = await decided(await world.watchShadow({ endsAt: over }));
    expect(result.verdict).to.equal('pass');
    expect(result.reason).to.match(/no judge compared the answers, so only harm was looked for$/);
    expect(evidence.figures.challenger).to.deep.include({ errors: { status: 1 }, latencyP50: 210 });
    expect(evidence.figures.champion.costUsd).to.be.closeTo((60 * (20 + 7 * 2)) / 1e6, 1e-12);
    const [cluster] = evidence.disagreements.clusters;
    expect(cluster).to.include({ kind: 'the challenger failed', pairs: 1 });
    expect(cluster!.examples[0]!.question).to.equal('Write to [EMAIL_1]');
  });

  it('is unmeasured without traffic, and leaves pairs of another release and unreadable segments out', async () => {
    await open(null);
    await world.writePairs([shadowPair(1, { challenger: { ...shadowPair(1).challenger, release: 'm-r9' } })]);
    await world.store.put({
      key: `${storeKeys.shadowPairs({ releaseId })}g2-0001.jsonl.zst`,
      body: Buffer.from('not a segment'),
    });
    const { result, evidence } = await decided(await world.watchShadow({ endsAt: over }));
    expect(result.verdict).to.equal('unmeasured');
    expect(evidence.unread.map(({ key }) => key)).to.deep.equal([`shadow/${releaseId}/g2-0001.jsonl.zst`]);
  });

  it('renews the lease without a new revision; lapsed, it is never brought back', async () => {
    await open(null);
    world.pass(30_000);
    expect((await world.watchShadow()).kind).to.equal('slice');
    const plan = (await world.router().read({ model }))!;
    expect(plan.revision).to.equal(world.revision);
    expect(plan.lease!.until).to.equal('2026-03-01T00:01:30.000Z');
    world.pass(61_000);
    expect(await world.watchShadow()).to.deep.equal({ kind: 'lapsed' });
    expect((await world.router().read({ model }))!.lease!.until).to.equal('2026-03-01T00:01:30.000Z');
  });

  it('stops at a plan that somebody else has written', async () => {
    await open(null);
    const change = { challenger: target('m-r3'), challengerShare: 0.1, reason: 'another' };
    await world.traffic().writePlan({ model, owner: { ...owner, epoch: 6 }, change, leaseMilliseconds: 60_000 });
    const result = await world.watchShadow();
    expect(result.kind).to.equal('moved');
    if (result.kind === 'moved') expect(result.reason).to.match(/epoch 6, not release:m-r2 epoch 4/);
  });
});
