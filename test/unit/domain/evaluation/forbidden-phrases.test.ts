import { expect } from 'chai';
import { forbiddenPhrases } from '../../../../src/domain/evaluation/forbidden-phrases.js';
import { given } from './scoring.js';

describe('forbiddenPhrases', () => {
  const expected = { forbiddenPhrases: ['guaranteed delivery', 'no refund'] };

  it('counts the phrases that are said, whole words only', () => {
    const score = (answer: string) => forbiddenPhrases.score(given({ answer, expected }));
    expect(score('It is GUARANTEED: delivery tomorrow.')).to.deep.include({
      score: 0.5,
      details: { said: 'guaranteed delivery' },
    });
    expect(score('There are no refunds.').score).to.equal(0);
  });

  it('is unmeasured where nothing is forbidden', () => {
    expect(forbiddenPhrases.score(given({ answer: 'x' })).reason).to.equal('the case forbids no phrase');
    expect(forbiddenPhrases.score(given({ answer: 'x', expected: { forbiddenPhrases: ['!'] } })).score).to.equal(null);
  });
});
