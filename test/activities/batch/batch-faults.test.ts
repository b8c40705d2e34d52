import { expect } from 'chai';
import { PortError } from '../../../src/activities/ports.js';
import { FragileStore } from '../../gateway/support/fragile-store.js';
import { type BatchWorld, openBatchWorld, reviewsOf, summaryReply } from './support/batch-world.js';

const reviewsOfItems = (count: number) =>
  Array.from({ length: count }, (_, index) => reviewsOf(`kettle-${index}`, 2)).flat();
const typeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error as PortError).type,
  );

describe('a batch in bad weather', () => {
  let world: BatchWorld;
  let fragile: FragileStore;
  beforeEach(async () => {
    world = await openBatchWorld({ wrap: (store) => (fragile = new FragileStore(store)) });
    await world.plan();
    await world.write(reviewsOfItems(8));
  });
  afterEach(() => world.close());
  const answer = async () => {
    const { specification, activities } = world;
    const { stage } = await world.stage();
    return activities.answerBatchChunk({ specification, stage: stage!, chunk: 0, most: 2, atOnce: 2 });
  };

  it('waits out a store that is away for a minute, and asks nobody twice for it', async () => {
    let until = Infinity;
    world.says(() => {
      if (world.calls.length === 2) {
        fragile.away = true;
        until = Date.parse(world.clock.now()) + 60_000;
      }
      return summaryReply;
    });
    const { activities, specification } = world;
    const { stage } = await world.stage();
    const work = activities.answerBatchChunk({ specification, stage: stage!, chunk: 0, most: 2, atOnce: 2 });
    const back = (async () => {
      while (Date.parse(world.clock.now()) < until || until === Infinity)
        await new Promise((resolve) => setImmediate(resolve));
      fragile.away = false;
    })();
    expect(await work).to.include({ summarised: 4, calls: 4 });
    await back;
    expect(world.calls).to.have.length(4);
  });

  it('gives up after two minutes without a store, moves no watermark, and repeats nothing that was stored', async () => {
    world.says(() => {
      if (world.calls.length === 3) fragile.away = true;
      return summaryReply;
    });
    expect(await typeOf(answer())).to.equal('Unavailable');
    fragile.away = false;
    expect((await world.watermark()).items.size).to.equal(0);
    const answered = (await world.keys('batches/review-summaries.home/answers/')).length;
    const before = world.calls.length;
    expect(await world.run()).to.include({ summarised: 8 });
    expect(world.calls.length - before).to.equal(8 - answered);
    expect(answered).to.be.within(1, 4);
  });

  it('does a chunk once: asked for again, it gives the same result and calls nobody', async () => {
    const { activities, specification } = world;
    const { stage } = await world.stage();
    const ask = () => activities.answerBatchChunk({ specification, stage: stage!, chunk: 0, most: 2, atOnce: 2 });
    const first = await ask();
    expect(await ask()).to.deep.equal(first);
    expect(world.calls).to.have.length(4);
  });

  it('slows down for an endpoint that says 429, and comes through', async () => {
    let refused = 0;
    world.says(() => {
      if (refused < 5) {
        refused += 1;
        throw new PortError('RateLimited', 'too many', 4000);
      }
      return summaryReply;
    });
    const begun = Date.parse(world.clock.now());
    const { atOnce, summarised } = await answer();
    expect({ atOnce, summarised }).to.deep.equal({ atOnce: 2, summarised: 4 });
    expect(Date.parse(world.clock.now()) - begun).to.be.at.least(8000);
  });

  it('gives an endpoint that stays away back to Temporal, which tries again', async () => {
    world.says(() => {
      throw new PortError('Unavailable', 'HTTP 503');
    });
    expect(await typeOf(answer())).to.equal('Unavailable');
    expect((await world.watermark()).items.size).to.equal(0);
  });

  it('takes a question that is too long for a dead letter, and goes on', async () => {
    world.says(({ question }) => {
      if (question.includes('kettle-0 ')) throw new PortError('InvalidInput', 'the prompt is longer than 512 tokens');
      return summaryReply;
    });
    expect(await world.run()).to.include({ summarised: 7, deadLettered: 1 });
    expect((await world.watermark()).items.get('kettle-0')).to.include({ state: 'deadLettered' });
  });

  it('keeps the first fault where there is no room to ask again', async () => {
    world.says(({ again }) => {
      if (again) throw new PortError('InvalidInput', 'the prompt is longer than 512 tokens');
      return 'Prose.';
    });
    expect(await world.run()).to.include({ deadLettered: 8, calls: 8 });
    const [key] = await world.keys('batches/review-summaries.home/dead-letters/');
    const [line] = Buffer.from((await world.store.get({ key: key! }))!.body)
      .toString('utf8')
      .split('\n');
    expect(JSON.parse(line!)).to.deep.include({ reply: 'Prose.' });
    expect((JSON.parse(line!) as { reason: string }).reason).to.match(/prose without JSON.*asked to mend it: .*512/);
  });

  it('fails at once where the key is refused', async () => {
    world.says(() => {
      throw new PortError('Unauthorised', 'HTTP 401');
    });
    expect(await typeOf(answer())).to.equal('Unauthorised');
    expect(world.calls.length).to.be.at.most(4);
  });

  it('never moves the watermark over what another run has done meanwhile', async () => {
    const { activities, specification } = world;
    const { stage } = await world.stage();
    for (const chunk of [0, 1])
      await activities.answerBatchChunk({ specification, stage: stage!, chunk, most: 2, atOnce: 2 });
    world.pass(1000);
    await world.write([...reviewsOfItems(8), ...reviewsOf('kettle-5', 1, 40)]);
    await world.run();
    const moved = (await world.watermark()).items.get('kettle-5');
    expect(await activities.concludeBatch({ specification, stage: stage! })).to.include({ moved: 0 });
    expect((await world.watermark()).items.get('kettle-5')).to.deep.equal(moved);
    expect((await world.summary('kettle-5'))?.reviews.all).to.equal(3);
  });

  it('writes what lives as long as any other, where it was held for longer than that', async () => {
    const { activities, specification } = world;
    const { stage } = await world.stage();
    world.pass(40 * 86_400_000);
    for (const chunk of [0, 1])
      await activities.answerBatchChunk({ specification, stage: stage!, chunk, most: 2, atOnce: 2 });
    await activities.concludeBatch({ specification, stage: stage! });
    expect(await world.summary('kettle-0')).to.include({ expiresAt: '2026-05-10T00:00:00.000Z' });
    expect(await world.run()).to.include({ stage: null, unchanged: 8 });
  });

  it('keeps the items of chunks that are done where another chunk failed for good', async () => {
    const { activities, specification } = world;
    const { stage } = await world.stage();
    await activities.answerBatchChunk({ specification, stage: stage!, chunk: 1, most: 2, atOnce: 2 });
    expect(await activities.concludeBatch({ specification, stage: stage! })).to.include({ moved: 4 });
    expect(await world.run()).to.include({ due: 4, unchanged: 4 });
  });
});
