import { expect } from 'chai';
import { behaviourChange } from '../../../../src/domain/evaluation/behaviour-change.js';
import { given } from './scoring.js';

describe('behaviourChange', () => {
  const championAnswer = 'Your parcel arrives tomorrow before noon.';
  const score = (answer: string, cosineToChampion?: number) =>
    behaviourChange.score(
      given({
        answer,
        observed: { championAnswer, ...(cosineToChampion === undefined ? {} : { cosineToChampion }) },
      }),
    ).score;

  it('is 0 where the answer says the same', () => {
    expect(score(championAnswer)).to.equal(0);
    expect(score('The parcel arrives tomorrow, before noon')).to.equal(0);
    expect(score('You will get it next morning.', 0.9)).to.equal(0);
  });

  it('is 1 where it says something else, or declines where the champion answered', () => {
    expect(score('We are closed on Sundays.')).to.equal(1);
    expect(score('Your parcel arrives next week.', 0.7)).to.equal(1);
    expect(score('Your parcel arrives tomorrow before noon. But I cannot help with more.', 0.95)).to.equal(1);
  });

  it('is unmeasured without the champion, or with a cosine that is no number', () => {
    expect(behaviourChange.score(given({ answer: 'x' })).reason).to.equal('the champion has no answer to compare with');
    expect(score('Another answer', NaN)).to.equal(null);
  });
});
