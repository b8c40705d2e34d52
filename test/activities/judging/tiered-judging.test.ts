import { expect } from 'chai';
import { answerOf, judgeWorld, type JudgeWorld } from './judge-world.js';

const rating = (score: number) => JSON.stringify({ reason: 'so', score });

describe('tiered judging', () => {
  let world: JudgeWorld;
  beforeEach(async () => {
    world = await judgeWorld({ caseCount: 8 });
  });
  afterEach(() => world.close());

  async function judged(spec: Record<string, unknown>, metrics = ['coherence']) {
    const answers = (arm: string) =>
      world.putAnswers(
        arm,
        world.cases.map(({ id }, index) => answerOf(id, `${arm} ${index}`)),
      );
    const specification = await world.specify({ metrics, judge: spec });
    const [challenger, champion] = [await answers('challenger'), await answers('champion')];
    return await world.run({ specification, challenger, champion });
  }
  const score = (model: string, of: (asked: string) => number) =>
    world.upstream.script({ model, each: ({ messages }) => ({ answer: rating(of(messages[1]!.content)) }) });

  it('sends both arms of a case to the strong judge where the first is unsure of one', async () => {
    score('cheap', (asked) => (asked.includes('champion 3') ? 3 : 5));
    score('strong', () => 2);
    const { rows, judging } = await judged({ strong: 'strong', auditShare: 0 });
    expect(rows.filter((row) => row.score === 2).map((row) => [row.id, row.arm])).to.deep.equal([
      ['g3', 'challenger'],
      ['g3', 'champion'],
    ]);
    expect(world.asked('strong')).to.equal(2);
    expect(judging).to.deep.include({ strong: { unsure: 1 }, judge: 'cheap, strong where unsure' });
  });

  it('audits a share and says how far the first judge lies off', async () => {
    score('cheap', () => 5);
    score('strong', () => 4);
    const { judging } = await judged({ strong: 'strong', auditShare: 1 });
    expect(judging.strong).to.deep.equal({ audit: 8 });
    expect(judging.audit).to.deep.equal({ coherence: { cases: 16, meanDifference: 1, meanDistance: 1 } });
  });

  it('asks the strong judge alone where the spec wants it for every case', async () => {
    score('strong', () => 4);
    const { rows } = await judged({ strong: 'strong', strongFor: 'everyCase' });
    expect(world.asked('cheap')).to.equal(0);
    expect(rows.every((row) => row.score === 4)).to.equal(true);
  });

  it('a jury gives its median and its agreement', async () => {
    score('cheap', () => 5);
    score('second', () => 4);
    score('third', () => 1);
    const { rows } = await judged({ jury: ['second', 'third'] });
    expect(rows[0]).to.deep.include({ score: 4 });
    expect(rows[0]!.details).to.include({ judges: 3, said: 'cheap 5, second 4, third 1' });
    expect(rows[0]!.details['agreement']).to.be.closeTo(1 - 8 / 3 / 4, 1e-12);
  });

  it('a jury does without a member that is not served, and says so', async () => {
    score('cheap', () => 5);
    score('second', () => 4);
    world.upstream.script({ model: 'third', status: 404 });
    const { rows } = await judged({ jury: ['second', 'third'] });
    expect(new Set(rows.map((row) => row.score))).to.deep.equal(new Set([4.5]));
    expect(rows.at(-1)!.details).to.include({ judges: 2, said: 'cheap 5, second 4, third none' });
  });

  it('a preference is one judgement that speaks of both arms', async () => {
    world.upstream.script({
      model: 'cheap',
      each: ({ messages }) => ({
        answer: JSON.stringify({ better: /<first>challenger/.test(messages[1]!.content) ? 'first' : 'second' }),
      }),
    });
    const { rows } = await judged({}, ['pairwisePreference']);
    expect(rows.map((row) => row.score)).to.deep.equal(world.cases.flatMap(() => [1, 0]));
    expect(world.asked('cheap')).to.equal(16);
  });
});
