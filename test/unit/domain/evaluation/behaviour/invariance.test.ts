import { expect } from 'chai';
import { scorers } from '../../../../../src/domain/evaluation/scorers.js';
import { given, variants } from '../scoring.js';
import { expectUnmeasuredWithoutProbes } from './behaviour-scorers.js';

const kinds = {
  invarianceLetterCase: 'letterCase',
  invarianceParaphrase: 'paraphrase',
  invarianceTypos: 'typos',
  invarianceWhitespace: 'whitespace',
} as const;

describe('invariance', () => {
  for (const [metric, kind] of Object.entries(kinds)) {
    it(`${metric} compares the answer with those to its own probes alone`, () => {
      const observed = {
        variants: [
          ...variants({ kind, answers: ['It arrives tomorrow!', 'No idea at all'] }),
          ...variants({ kind: 'jailbreak', answers: ['x'] }),
        ],
      };
      expect(scorers[metric]!.score(given({ answer: 'it arrives tomorrow', observed }))).to.deep.include({
        score: 0.5,
        details: { probes: 2 },
      });
    });

    it(`${metric} is unmeasured without all its probes`, () =>
      expectUnmeasuredWithoutProbes({ scorer: scorers[metric]!, kind }));
  }
});
