import { expect } from 'chai';
import { directionality } from '../../../../../src/domain/evaluation/behaviour/directionality.js';
import { given, variants } from '../scoring.js';
import { expectUnmeasuredWithoutProbes } from './behaviour-scorers.js';

describe('directionality', () => {
  const score = (answer: string, moved: string) =>
    directionality.score(
      given({
        answer,
        observed: { variants: variants({ kind: 'negativeFact', answers: [moved], marks: ['fire', 'burn', 'safety'] }) },
      }),
    );

  it('is 1 where the answer takes the fact up', () => {
    expect(score('It comes tomorrow.', 'Please stop using it: a burned hand is serious.').score).to.equal(1);
    expect(score('It comes tomorrow.', 'Our SAFETY team will call.').score).to.equal(1);
  });

  it('is 0 where it stays as it was, changes without reason, or had the word before', () => {
    expect(score('It comes tomorrow.', 'It comes tomorrow.')).to.deep.include({
      score: 0,
      details: { probes: 1, failed: 'style1' },
    });
    expect(score('It comes tomorrow.', 'It arrives next week.').score).to.equal(0);
    expect(score('Our safety team helps.', 'Our safety team helps you.').score).to.equal(0);
  });

  it('is unmeasured without all its probes', () =>
    expectUnmeasuredWithoutProbes({ scorer: directionality, kind: 'negativeFact' }));
});
