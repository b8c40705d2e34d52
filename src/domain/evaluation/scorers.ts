import type { Better } from '../statistics/contrast.js';
import { answerLength } from './answer-length.js';
import { contains } from './contains.js';
import { exactMatch } from './exact-match.js';
import { expectedTopics } from './expected-topics.js';
import { quasiExactMatch } from './quasi-exact-match.js';
import { refusal } from './refusal.js';
import { rougeL } from './rouge-l.js';
import { unitRange, type Scorer } from './scorer.js';
import { tokenF1 } from './token-f1.js';
import { wordPrecision } from './word-precision.js';
import { wordRecall } from './word-recall.js';

/** Every scorer that needs no model, by metric. */
export const scorers: Readonly<Record<string, Scorer>> = Object.fromEntries(
  [
    answerLength,
    contains,
    exactMatch,
    expectedTopics,
    quasiExactMatch,
    refusal,
    rougeL,
    tokenF1,
    wordPrecision,
    wordRecall,
  ].map((scorer) => [scorer.metric, scorer]),
);

export interface MetricShape {
  better: Better;
  range: { low: number; high: number } | null;
}

/** Metrics that other parts measure and whose shape is not "a share, more is better". */
const otherShapes: Readonly<Record<string, MetricShape>> = {
  toxicity: { better: 'lower', range: unitRange },
  hallucination: { better: 'lower', range: unitRange },
  robustnessDeltaF1: { better: 'lower', range: unitRange },
  coherence: { better: 'higher', range: { low: 1, high: 5 } },
  latencyMs: { better: 'lower', range: null },
  costUsd: { better: 'lower', range: null },
};

/** Which way a metric is good and what it can be; a metric nobody described is a share of which more is better. */
export function metricShape(metric: string): MetricShape {
  const known = Object.hasOwn(scorers, metric) ? scorers[metric] : otherShapes[metric];
  return { better: known?.better ?? 'higher', range: known === undefined ? unitRange : known.range };
}
