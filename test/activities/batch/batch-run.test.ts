import { expect } from 'chai';
import { isMirrored } from '../../../src/domain/rollout/mirror-sample.js';
import { bucketOf } from '../../../src/domain/rollout/buckets.js';
import { pairReader } from '../../../src/activities/shadow/pair-reader.js';
import { PortError } from '../../../src/activities/ports.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import { type BatchWorld, model, openBatchWorld, reviewsOf, summaryReply, targetOf } from './support/batch-world.js';

const items = (count: number): string[] => Array.from({ length: count }, (_, index) => `kettle-${index}`);
const reviewsOfAll = (names: readonly string[], each = 3) => names.flatMap((item) => reviewsOf(item, each));

describe('a run of a batch', () => {
  let world: BatchWorld;
  beforeEach(async () => {
    world = await openBatchWorld();
  });
  afterEach(() => world.close());

  it('has nothing to do before a release serves', async () => {
    await world.write(reviewsOf('kettle', 3));
    expect(await world.run()).to.include({ stage: null, reason: `no release of ${model} serves yet` });
  });

  it('summarises the items of its domain, with sources, label and who made it', async () => {
    await world.plan();
    await world.write([
      ...reviewsOfAll(items(25)),
      ...reviewsOf('phone', 3).map((one) => ({ ...one, category: 'electronics' })),
    ]);
    expect(await world.run()).to.include({ due: 25, chunks: 4, summarised: 25, calls: 25, deadLettered: 0 });
    const summary = await world.summary('kettle-7');
    expect(summary).to.deep.include({
      ...{ item: 'kettle-7', model, release: 'home-r1', label: 'AI-generated', pros: ['sturdy'], cons: ['short cord'] },
      ...{ reviews: { all: 3, shown: 3 }, expiresAt: '2026-03-31T00:00:00.000Z', failedRelease: null },
    });
    expect(summary?.sources).to.have.length(1);
    expect(summary?.sources[0]).to.include({ review: 'kettle-7-1', rating: 2 });
    expect(await world.summary('phone')).to.equal(null);
    expect((await world.watermark()).items.size).to.equal(25);
    expect(await world.keys(`batches/${model}/runs/`)).to.deep.equal([]);
  });

  it('looks at nothing again but items with new reviews, and at none because its rows moved', async () => {
    await world.plan();
    const reviews = reviewsOfAll(items(12));
    await world.write(reviews);
    await world.run();
    await world.write([...reviews].reverse());
    expect(await world.run()).to.include({ stage: null, unchanged: 12 });
    await world.write([...reviews, ...reviewsOf('kettle-3', 1, 50), ...reviewsOf('kettle-new', 1)]);
    expect(await world.run()).to.include({ due: 2, unchanged: 11, summarised: 2, calls: 2 });
    expect((await world.summary('kettle-3'))?.reviews).to.deep.equal({ all: 4, shown: 4 });
  });

  it('asks nobody where the chosen reviews are the same, although others came', async () => {
    await world.close();
    world = await openBatchWorld({ batch: { select: { positive: 1, negative: 1, recent: 0 } } });
    await world.plan();
    const reviews = reviewsOf('kettle', 5).map((one) => ({ ...one, helpful_votes: 9 }));
    await world.write(reviews);
    expect(await world.run()).to.include({ calls: 1 });
    const before = await world.summary('kettle');
    await world.write([...reviews, { ...reviewsOf('kettle', 1, 80)[0]!, helpful_votes: 0 }]);
    expect(await world.run()).to.include({ due: 1, summarised: 1, calls: 0 });
    const after = await world.summary('kettle');
    expect(after).to.include({ inputDigest: before!.inputDigest, generatedAt: before!.generatedAt });
    expect(after!.expiresAt > before!.expiresAt).to.equal(true);
  });

  it('writes again what the cache has lost behind its back, and asks nobody for it', async () => {
    await world.plan();
    await world.write(reviewsOfAll(items(40)));
    await world.run();
    await world.results.remove({ family: 'review-summaries', item: 'kettle-7' });
    await world.store.put({
      key: storeKeys.summary({ family: 'review-summaries', item: 'kettle-8' }),
      body: Buffer.from('{"item":'),
    });
    expect(await world.run()).to.include({ due: 2, unchanged: 38, summarised: 2, calls: 0 });
    expect(await world.summary('kettle-7')).to.not.equal(null);
    expect(await world.summary('kettle-8')).to.not.equal(null);
    for (const item of items(40)) await world.results.remove({ family: 'review-summaries', item });
    expect(await world.run()).to.include({ due: 40, unchanged: 0, summarised: 40, calls: 0 });
  });

  it('clears up after a run that somebody has terminated, once its summaries are over', async () => {
    await world.plan();
    await world.write(reviewsOf('kettle', 3));
    await world.stage();
    expect(await world.keys(`batches/${model}/runs/`)).to.have.length(2);
    // The store dates its files by the clock of the machine.
    world.pass(Date.now() - Date.parse(world.clock.now()) + 31 * 86_400_000);
    expect(await world.run()).to.include({ summarised: 1 });
    expect(await world.keys(`batches/${model}/runs/`)).to.deep.equal([]);
  });

  it('confirms what is half through its life, and forgets what the source has forgotten', async () => {
    await world.plan();
    await world.write(reviewsOfAll(['stays', 'goes']));
    await world.run();
    const day = 86_400_000;
    world.pass(16 * day);
    await world.write(reviewsOfAll(['stays']));
    expect(await world.run()).to.include({ due: 1, calls: 0 });
    world.pass(15 * day);
    await world.write([...reviewsOfAll(['stays']), ...reviewsOf('stays', 1, 9)]);
    expect(await world.run()).to.include({ due: 1, calls: 1 });
    expect(await world.summary('stays')).to.not.equal(null);
    expect(await world.summary('goes')).to.equal(null);
    expect([...(await world.watermark()).items.keys()]).to.deep.equal(['stays']);
  });

  it('repairs prose once, and keeps what stays prose as a dead letter with its reason', async () => {
    await world.plan();
    await world.write(reviewsOfAll(['mended', 'lost']));
    world.says(({ question, again }) =>
      question.includes('mended is') && again ? summaryReply : 'Customers like this kettle a lot.',
    );
    expect(await world.run()).to.include({ summarised: 1, deadLettered: 1, repaired: 1, calls: 4 });
    expect((await world.summary('mended'))?.summary).to.contain('sturdy');
    expect(await world.summary('lost')).to.equal(null);
    const [letters] = await world.keys(`batches/${model}/dead-letters/`);
    const letter = JSON.parse(Buffer.from((await world.store.get({ key: letters! }))!.body).toString('utf8')) as object;
    expect(letter).to.include({ item: 'lost', release: 'home-r1', reply: 'Customers like this kettle a lot.' });
    expect(letter).to.have.property('reason').that.contains('prose without JSON');
    expect(await world.run()).to.include({ stage: null });
    await world.write([...reviewsOfAll(['mended', 'lost']), ...reviewsOf('lost', 1, 30)]);
    world.says(() => summaryReply);
    expect(await world.run()).to.include({ due: 1, summarised: 1 });
  });

  it('publishes nothing that names a review which was not shown', async () => {
    await world.plan();
    await world.write(reviewsOf('kettle', 2));
    world.says(() => summaryReply.replace('[1]', '[1,9]'));
    expect(await world.run()).to.include({ deadLettered: 1, calls: 2 });
    expect(await world.summary('kettle')).to.equal(null);
  });

  it('takes an item with one review and one with 20,000', async function () {
    this.timeout(60_000);
    await world.plan();
    await world.write([...reviewsOf('lonely', 1), ...reviewsOf('famous', 20_000)]);
    expect(await world.run()).to.include({ due: 2, summarised: 2, calls: 2 });
    expect((await world.summary('lonely'))?.reviews).to.deep.equal({ all: 1, shown: 1 });
    expect((await world.summary('famous'))?.reviews).to.deep.equal({ all: 20_000, shown: 15 });
    const question = world.calls.find((call) => call.question.includes('famous'))!.question;
    expect(question.length).to.be.lessThan(15 * 700);
  });

  it('gives no summary to an item with fewer reviews than the spec asks for', async () => {
    await world.close();
    world = await openBatchWorld({ batch: { minimumReviews: 3 } });
    await world.plan();
    await world.write([...reviewsOf('new', 2), ...reviewsOf('known', 3)]);
    expect(await world.run()).to.include({ due: 2, summarised: 1, tooFew: 1, calls: 1 });
    expect(await world.run()).to.include({ stage: null });
  });

  it('is not stopped by rows that can not be read', async () => {
    await world.plan();
    await world.write([...reviewsOf('kettle', 2), { ...reviewsOf('kettle', 1, 7)[0]!, star_rating: 'many' as never }]);
    expect(await world.run()).to.include({ summarised: 1 });
    expect((await world.summary('kettle'))?.reviews.shown).to.equal(2);
  });
});

describe('a batch and the traffic plan', () => {
  let world: BatchWorld;
  const lease = { leaseUntil: '2026-12-01T00:00:00.000Z', challenger: targetOf('home-r2') };
  beforeEach(async () => {
    world = await openBatchWorld();
    await world.plan();
    await world.write(reviewsOfAll(items(20)));
    await world.run();
    world.calls.length = 0;
  });
  afterEach(() => world.close());

  it('asks champion and challenger for the same items in the shadow, and stores the pairs', async () => {
    const { revision } = await world.plan({ ...lease, mirrorShare: 0.5 });
    const sampled = items(20).filter((item) => isMirrored({ id: `home-r2/${item}`, share: 0.5 }));
    world.says(({ model: asked }) => (asked === 'home-r2' ? 'Prose.' : summaryReply));
    expect(await world.run()).to.include({ due: sampled.length, pairs: sampled.length, summarised: sampled.length });
    const { pairs } = await pairReader({ store: world.store, releaseId: 'home-r2', model }).next();
    expect(pairs.map(({ id }) => id).sort()).to.deep.equal(sampled.map((item) => `home-r2/${item}`).sort());
    expect(pairs[0]).to.include({ model, revision });
    expect(pairs[0]!.champion).to.include({ release: 'home-r1', answer: summaryReply, latencyMs: null });
    expect(pairs[0]!.challenger).to.include({ release: 'home-r2', answer: 'Prose.', latencyMs: 40 });
    expect((await world.summary(sampled[0]!))?.release).to.equal('home-r1');
    expect(await world.run()).to.include({ stage: null });
  });

  it('gives the challenger the items of its share, and everything back when it is taken back', async () => {
    const { salt } = await world.plan({ ...lease, challengerShare: 0.4 });
    const its = items(20).filter((item) => bucketOf({ salt, key: item }) < 0.4 * 2 ** 20);
    expect(await world.run()).to.include({ due: its.length, summarised: its.length });
    for (const item of items(20))
      expect((await world.summary(item))?.release, item).to.equal(its.includes(item) ? 'home-r2' : 'home-r1');
    await world.plan({ challenger: null, challengerShare: 0, mirrorShare: 0, leaseUntil: null });
    expect(await world.run()).to.include({ due: its.length, summarised: its.length, calls: 0 });
    for (const item of its) expect((await world.summary(item))?.release).to.equal('home-r1');
  });

  it('lets the champion step in for a challenger that fails, and says so', async () => {
    await world.plan({ ...lease, challengerShare: 1 });
    world.says(({ model: asked }) => {
      if (asked === 'home-r2') throw new PortError('Unavailable', 'the challenger is away');
      return summaryReply;
    });
    expect(await world.run()).to.include({ due: 20, summarised: 20 });
    expect(await world.summary('kettle-1')).to.include({ release: 'home-r1', failedRelease: 'home-r2' });
  });

  it('serves the fallback alone once the lease has lapsed', async () => {
    await world.plan({ ...lease, leaseUntil: '2026-02-01T00:00:00.000Z', challengerShare: 1 });
    expect(await world.run()).to.include({ stage: null, unchanged: 20 });
  });
});
