import { measuredQuantity, type Scorer } from './scorer.js';

/** What the answer cost, in US dollars. */
export const cost: Scorer = {
  metric: 'costUsd',
  better: 'lower',
  range: null,
  needs: ['costUsd'],
  score: ({ costUsd }) => measuredQuantity({ value: costUsd, name: 'cost' }),
};
