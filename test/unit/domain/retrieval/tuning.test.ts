import { expect } from 'chai';
import { chooseWay } from '../../../../src/domain/retrieval/tuning.js';

const questions = Array.from({ length: 100 }, (_, index) => ({ id: `q${index}`, cluster: `c${index}` }));
/** Finds every other question's document; `gains` of the others too, and `losses` of its own no more. */
const way = ({ gains, losses }: { gains: number; losses: number }): number[] => {
  const found = questions.map((_, index) => index % 2);
  for (let index = 0; index < gains; index += 1) found[2 * index] = 1;
  for (let index = 0; index < losses; index += 1) found[2 * index + 1] = 0;
  return found;
};
const inUse = way({ gains: 0, losses: 0 });
const chosen = (scores: number[][]) => chooseWay({ metric: 'ndcgAt5', questions, scores: [inUse, ...scores] });

describe('choosing a way of finding', () => {
  it('takes the best of those that are better', () => {
    const { winner, differences } = chosen([
      way({ gains: 25, losses: 0 }),
      way({ gains: 35, losses: 0 }),
      way({ gains: 0, losses: 20 }),
    ]);
    expect(winner).to.equal(2);
    expect(differences[0]).to.equal(null);
    expect(differences[2]!.mean).to.be.closeTo(0.35, 1e-9);
    expect(differences[2]!.low).to.be.greaterThan(0.2);
    expect(differences[3]!.pValue).to.be.lessThan(0.05);
  });

  it('counts how many ways were tried: what would win alone does not win among thirty', () => {
    const lucky = way({ gains: 24, losses: 10 });
    expect(chosen([lucky]).winner).to.equal(1);
    const { winner, differences } = chosen([
      ...Array.from({ length: 29 }, () => way({ gains: 17, losses: 17 })),
      lucky,
    ]);
    expect(winner).to.equal(0);
    expect(differences.at(-1)!.low).to.be.greaterThan(0);
    expect(differences.at(-1)!.pValue).to.be.greaterThan(0.05);
  }).timeout(60_000);

  it('stays where there is too little to tell, and where nothing else was tried', () => {
    expect(chosen([]).winner).to.equal(0);
    const { winner, differences } = chosen([way({ gains: 2, losses: 0 })]);
    expect(winner).to.equal(0);
    expect(differences[1]!.pValue).to.be.greaterThan(0.05);
  });
});
