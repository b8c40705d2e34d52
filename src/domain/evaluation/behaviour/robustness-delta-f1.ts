import { unitRange, type Scorer } from '../scorer.js';
import { wordOverlap } from '../word-overlap.js';
import { meanOverVariants } from './variants-of-kind.js';

/**
 * How much token F1 moves under typos: the mean of |F1 - F1 of each form with typos|, as FMEval's semantic robustness
 * reports its delta scores.
 */
export const robustnessDeltaF1: Scorer = {
  metric: 'robustnessDeltaF1',
  better: 'lower',
  range: unitRange,
  needs: ['reference', 'variants.typos'],
  score: (input) => {
    const { reference } = input.case;
    const f1 = wordOverlap({ answer: input.answer, reference }).f1;
    return meanOverVariants({
      input,
      kind: 'typos',
      value: ({ answer }) => Math.abs(f1 - wordOverlap({ answer, reference }).f1),
      details: () => ({ f1 }),
    });
  },
};
