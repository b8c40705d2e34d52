import { expect } from 'chai';
import { robustnessDeltaF1 } from '../../../../../src/domain/evaluation/behaviour/robustness-delta-f1.js';
import { given, variants } from '../scoring.js';
import { expectUnmeasuredWithoutProbes } from './behaviour-scorers.js';

describe('robustnessDeltaF1', () => {
  const score = (answer: string, answers: string[]) =>
    robustnessDeltaF1.score(
      given({ answer, reference: 'one two three four', observed: { variants: variants({ kind: 'typos', answers }) } }),
    );

  it('is the mean distance of F1 in either direction, as FMEval takes it', () => {
    expect(score('one two three four', ['one two three four', 'x x x x', 'one two x x'])).to.deep.include({
      score: (0 + 1 + 0.5) / 3,
      details: { probes: 3, f1: 1 },
    });
    expect(score('x x x x', ['one two three four']).score).to.equal(1);
  });

  it('is unmeasured without all its probes', () =>
    expectUnmeasuredWithoutProbes({ scorer: robustnessDeltaF1, kind: 'typos' }));
});
