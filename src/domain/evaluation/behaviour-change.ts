import { refusal } from './refusal.js';
import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';
import { wordOverlap } from './word-overlap.js';

/** The least likeness, by embeddings and by words, at which two answers still say the same. */
const sameMeaning = { cosine: 0.82, f1: 0.65 } as const;

/**
 * 1 where the answer no longer says what the champion's said, else 0: one declines and the other does not, or they are
 * less alike than the limits that answer and reference are held to by default, by embeddings where they were observed,
 * else by words. The mean is the share of the golden set on which the behaviour changed, for better or worse.
 */
export const behaviourChange: Scorer = {
  metric: 'behaviourChange',
  better: 'lower',
  range: unitRange,
  needs: ['championAnswer'],
  score: ({ case: one, answer, championAnswer, cosineToChampion }) => {
    if (championAnswer === undefined) return unmeasured('the champion has no answer to compare with');
    if (cosineToChampion !== undefined && !(Math.abs(cosineToChampion) <= 1))
      return unmeasured(`the cosine is ${cosineToChampion}: expected a number from -1 to 1`);
    const [now, before] = [answer, championAnswer].map(
      (text) => refusal.score({ case: one, answer: text }).score === 1,
    );
    const { f1 } = wordOverlap({ answer, reference: championAnswer });
    const alike =
      cosineToChampion === undefined ? f1 >= sameMeaning.f1 : cosineToChampion >= sameMeaning.cosine || f1 === 1;
    return scored(Number(now !== before || !alike), {
      f1,
      ...(cosineToChampion === undefined ? {} : { cosineToChampion }),
    });
  },
};
