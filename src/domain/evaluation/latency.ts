import { measuredQuantity, type Scorer } from './scorer.js';

/** Time from question to whole answer, in milliseconds. */
export const latency: Scorer = {
  metric: 'latencyMs',
  better: 'lower',
  range: null,
  needs: ['milliseconds'],
  score: ({ milliseconds }) => measuredQuantity({ value: milliseconds, name: 'latency' }),
};
