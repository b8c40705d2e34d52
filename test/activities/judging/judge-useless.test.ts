import { expect } from 'chai';
import { judgeWorld, sensibleReply } from './judge-world.js';

describe('a judge whose replies are of no use', () => {
  let world: Awaited<ReturnType<typeof judgeWorld>>;
  beforeEach(async () => {
    world = await judgeWorld({ caseCount: 60 });
  });
  afterEach(() => world.close());

  async function judged(each: (asked: number) => boolean) {
    let asked = 0;
    world.upstream.script({
      model: 'cheap',
      each: (body) => ({ answer: each(++asked) ? sensibleReply(body) : 'I would give it four points.' }),
    });
    const specification = await world.specify({ metrics: ['coherence'] });
    const by = world.judge({ concurrency: 4 });
    const { rows } = await world.run({ specification, challenger: await world.rightAnswers(), by });
    return { rows, calls: world.asked('cheap') };
  }

  it('is asked no more after 20 questions, and says why', async () => {
    const { rows, calls } = await judged(() => false);
    expect(calls).to.be.within(60, 75);
    expect(rows.every(({ score }) => score === null)).to.equal(true);
    const left = rows.filter(({ reason }) => /^no reply to the first 20 questions was of use/.test(reason!));
    expect(left.length).to.be.within(35, 40);
    expect(left[0]!.reason).to.match(/nothing more was asked; judge cheap, rate: no usable reply in 3, last noJson/);
  });

  it('is asked to the end where a single reply was of use', async () => {
    const { rows, calls } = await judged((asked) => asked === 1);
    expect(calls).to.equal(1 + 59 * 3);
    expect(rows.filter(({ score }) => score !== null)).to.have.length(1);
  });
});
