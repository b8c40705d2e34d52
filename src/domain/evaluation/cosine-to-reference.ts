import { scored, unmeasured, type Scorer } from './scorer.js';

/** Cosine between the embeddings of answer and reference, observed by whoever has the embedder. */
export const cosineToReference: Scorer = {
  metric: 'cosineToReference',
  better: 'higher',
  range: { low: -1, high: 1 },
  needs: ['cosineToReference'],
  score: ({ cosineToReference: cosine }) => {
    if (cosine === undefined) return unmeasured('answer and reference were not embedded: no embedder is configured');
    if (!Number.isFinite(cosine) || Math.abs(cosine) > 1)
      return unmeasured(`the cosine is ${cosine}: expected a number from -1 to 1`);
    return scored(cosine);
  },
};
