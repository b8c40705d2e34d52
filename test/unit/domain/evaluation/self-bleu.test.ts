import { expect } from 'chai';
import { selfBleu } from '../../../../src/domain/evaluation/self-bleu.js';
import { textFixtures } from './scoring.js';

describe('selfBleu', () => {
  it('agrees with sacrebleu given all other answers as references', () => {
    const sets = textFixtures().selfBleu;
    expect(sets).to.have.length(3);
    for (const { answers, scores } of sets)
      for (const [index, { score }] of selfBleu.scoreSet({ answers }).entries())
        expect(score, answers[index]).to.be.closeTo(scores[index]!, 1e-12);
  });

  it('leaves out what was not answered, and needs another answer', () => {
    const scores = selfBleu.scoreSet({ answers: ['a b c d', null, '', 'a b c d'] });
    expect(scores.map(({ score, reason }) => [score, reason])).to.deep.equal([
      [1, null],
      [null, 'the case has no answer'],
      [null, 'the answer has no word'],
      [1, null],
    ]);
    expect(selfBleu.scoreSet({ answers: ['a', null] })[0]!.reason).to.equal('no other answer to compare with');
  });
});
