import { expect } from 'chai';
import type { ScoreRow } from '../../../../src/domain/evaluation/score-answers.js';
import {
  flagBehaviourChange,
  flagDiversityLoss,
  flagPositionBias,
  haltsOf,
  verdictOfFlag,
} from '../../../../src/domain/release/review-flags.js';
import { worstVerdict } from '../../../../src/domain/release/verdict.js';

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

describe('flagPositionBias', () => {
  const pairs = (places: string[]): ScoreRow[] =>
    places.map((positionBias, i) => ({
      ...{ id: `${i}`, cluster: `${i}`, metric: 'pairwisePreference', tags: {}, score: 0.5, reason: null },
      details: { positionBias },
    }));
  const turned = (first: number, second: number): string[] => [
    ...Array<string>(first).fill('first'),
    ...Array<string>(second).fill('second'),
    ...Array<string>(50 - first - second).fill('none'),
  ];

  it('is raised over a fifth of the pairs, and says for which place', () => {
    const flag = flagPositionBias({ scores: pairs(turned(9, 2)) });
    expect(flag).to.deep.include({ raised: true, value: 0.22, limit: 0.2, n: 50 });
    expect(flag.reason).to.match(/22 % of 50 pairs.* > 20 %, 9 for the first place and 2 for the second$/);
    expect(flag.cases).to.have.length(11);
    expect(flagPositionBias({ scores: pairs(turned(10, 0)) }).raised).to.equal(false);
  });

  it('is raised where no pair was judged', () => {
    const unseen = pairs(['none']).map((row) => ({ ...row, score: null, details: {} }));
    expect(flagPositionBias({ scores: unseen })).to.include({ raised: true, value: null, n: 0 });
  });
});

describe('flags for people', () => {
  const changed = flagBehaviourChange({ scores: changes(first(6, 100)) });
  const same = flagDiversityLoss({ champion: [], challenger: [] });

  it('stop a release for a changed behaviour alone', () => {
    expect(haltsOf([changed, same])).to.deep.equal([changed.reason]);
    expect(haltsOf([flagBehaviourChange({ scores: changes([0, 0]) }), same])).to.deep.equal([]);
  });

  it('stand among the verdicts and decide nothing', () => {
    const shown = [changed, same].map((flag) => verdictOfFlag({ flag, evidence: null }));
    expect(shown.map((one) => [one.gate, one.verdict, one.informs])).to.deep.equal([
      ['flag behaviourChange', 'inconclusive', true],
      ['flag diversityLoss', 'inconclusive', true],
    ]);
    expect(shown[0]!.reason).to.match(/; a person has to approve$/);
    expect(worstVerdict([...shown, { verdict: 'pass' }])).to.equal('pass');
    expect(worstVerdict(shown)).to.equal('unmeasured');
  });
});
