import { expect } from 'chai';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import { judgeWorld, sensibleReply } from './judge-world.js';

describe('judgeAnswers, once more', () => {
  let world: Awaited<ReturnType<typeof judgeWorld>>;
  beforeEach(async () => {
    world = await judgeWorld();
  });
  afterEach(() => world.close());

  it('gives what the same evaluation left, byte for byte, without asking or looking up anything', async () => {
    const specification = await world.specify({ metrics: ['coherence'] });
    const challenger = await world.rightAnswers();
    const first = await world.run({ specification, challenger });
    const calls = world.asked('cheap');
    const by = world.judge();
    const results = {
      get: () => Promise.reject(new Error('looked up')),
      put: () => Promise.reject(new Error('stored')),
    };
    const again = await world.run({ specification, challenger, by: { ...by, results } });
    expect(again.judged).to.deep.equal(first.judged);
    expect(again.judging).to.include({ calls: 6, cached: 0 });
    expect(world.asked('cheap')).to.equal(calls);
  });

  it('judges anew where an answer changed, or where the stored scores are not those that were written', async () => {
    const specification = await world.specify({ metrics: ['coherence'] });
    const challenger = await world.rightAnswers();
    await world.run({ specification, challenger });
    const changed = await world.putAnswers(
      'changed',
      world.cases.map(({ id }, index) => ({ id, answer: index === 0 ? 'Other' : `This is right ${id}`, reason: null })),
    );
    const other = await world.run({ specification, challenger: changed });
    expect(other.judging).to.include({ calls: 1, cached: 5 });
    expect(other.rows).to.have.length(6);

    const key = storeKeys.release({ releaseId: 'm-r2', file: 'evaluation/judged.jsonl' });
    await world.store.put({ key, body: Buffer.from('{}\n') });
    const mended = await world.run({ specification, challenger: changed });
    expect(mended.judged.scores).to.deep.equal(other.judged.scores);
  });

  it('asks again where a case was left unmeasured', async () => {
    const specification = await world.specify({ metrics: ['coherence'] });
    const challenger = await world.rightAnswers();
    world.upstream.script({ model: 'cheap', answer: 'I would rather not say' });
    const first = await world.run({ specification, challenger });
    expect(first.judging.unmeasured).to.equal(6);
    world.upstream.script({ model: 'cheap', each: (body) => ({ answer: sensibleReply(body) }) });
    const again = await world.run({ specification, challenger });
    expect(again.judging).to.include({ calls: 6, unmeasured: 0 });
  });
});
