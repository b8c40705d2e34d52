import { expect } from 'chai';
import type { ScoreRow } from '../../../../src/domain/evaluation/score-answers.js';
import { flagBehaviourChange, flagDiversityLoss } from '../../../../src/domain/release/review-flags.js';

const changes = (scores: (number | null)[]): ScoreRow[] =>
  scores.map((score, i) => ({
    ...{ id: `${i}`, cluster: `${i}`, metric: 'behaviourChange', tags: {}, score, reason: null, details: {} },
  }));
const first = (n: number, of: number): number[] => Array.from({ length: of }, (_, i) => Number(i < n));

describe('flagBehaviourChange', () => {
  it('asks for a person over 5 % of the golden set, and names the cases', () => {
    const flag = flagBehaviourChange({ scores: changes(first(6, 100)) });
    expect(flag).to.deep.include({ raised: true, value: 0.06, limit: 0.05, n: 100 });
    expect(flag.cases).to.deep.equal(['0', '1', '2', '3', '4', '5']);
    expect(flag.reason).to.equal(
      'behaviour: 6 % of 100 cases answered otherwise than by the champion > 5 %, 0 of them unmeasured: 0, 1, 2, 3, 4 and 1 more',
    );
  });

  it('lets 5 % pass, and takes what nobody saw for changed', () => {
    expect(flagBehaviourChange({ scores: changes(first(5, 100)) })).to.deep.include({ raised: false, value: 0.05 });
    const unseen = flagBehaviourChange({ scores: changes([...first(0, 90), ...Array<null>(10).fill(null)]) });
    expect(unseen).to.deep.include({ raised: true, value: 0.1 });
    expect(unseen.reason).to.contain('10 of them unmeasured');
    const other = changes([0]).map((row) => ({ ...row, metric: 'tokenF1' }));
    expect(flagBehaviourChange({ scores: other })).to.deep.include({ raised: true, value: null, n: 0 });
  });
});

describe('flagDiversityLoss', () => {
  const varied = Array.from({ length: 20 }, (_, i) => ({ id: `${i}`, answer: `Answer ${i} about parcel ${i * 7}.` }));

  it('is raised where the challenger says the same thing over and over', () => {
    const same = varied.map(({ id }) => ({ id, answer: 'Please contact our support.' }));
    const flag = flagDiversityLoss({ champion: varied, challenger: same });
    expect(flag).to.deep.include({ flag: 'diversityLoss', raised: true, n: 20 });
    expect(flag.reason).to.match(/^diversity: answers like no other 0 against the champion's 1, loss 100 % > 10 %/);
    expect(flagDiversityLoss({ champion: same, challenger: varied }).raised).to.equal(false);
    expect(flagDiversityLoss({ champion: varied, challenger: varied })).to.deep.include({ raised: false, value: 0 });
  });

  it('looks only at cases that both answered', () => {
    const half = varied.map((one, i) => (i % 2 ? one : { ...one, answer: null }));
    expect(flagDiversityLoss({ champion: varied, challenger: half })).to.deep.include({ raised: false, n: 10 });
    expect(flagDiversityLoss({ champion: [], challenger: varied })).to.deep.include({
      raised: true,
      value: null,
      n: 0,
    });
  });
});
