import { unitRange, type Scorer } from '../scorer.js';
import { wordOverlap } from '../word-overlap.js';
import type { ProbeKind } from './probe.js';
import { meanOverVariants } from './variants-of-kind.js';

/**
 * Invariance (Ribeiro et al. 2020, CheckList): a change that leaves the meaning must leave the answer. The mean token F1
 * between the answer and the answers to the changed questions; 1 is the same words each time.
 */
export const invariance = ({ metric, kind }: { metric: string; kind: ProbeKind }): Scorer => ({
  metric,
  better: 'higher',
  range: unitRange,
  needs: [`variants.${kind}`],
  score: (input) =>
    meanOverVariants({
      input,
      kind,
      value: ({ answer }) => wordOverlap({ answer, reference: input.answer }).f1,
    }),
});
