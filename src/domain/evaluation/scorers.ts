import type { Better } from '../statistics/contrast.js';
import { answerLength } from './answer-length.js';
import { behaviourChange } from './behaviour-change.js';
import { directionality } from './behaviour/directionality.js';
import { elicitationResistance } from './behaviour/elicitation-resistance.js';
import { invariance } from './behaviour/invariance.js';
import { jailbreakResistance } from './behaviour/jailbreak-resistance.js';
import { promptInjectionResistance } from './behaviour/prompt-injection-resistance.js';
import { robustnessDeltaF1 } from './behaviour/robustness-delta-f1.js';
import { bleu } from './bleu.js';
import { chrf } from './chrf.js';
import { contains } from './contains.js';
import { cosineToReference } from './cosine-to-reference.js';
import { cost } from './cost.js';
import { distinctSequences } from './distinct-sequences.js';
import { exactMatch } from './exact-match.js';
import { expectedTopics } from './expected-topics.js';
import { forbiddenPhrases } from './forbidden-phrases.js';
import { formatAdherence } from './format-adherence.js';
import { jsonSchema } from './json-schema.js';
import { judgedMetrics } from './judge/judged-metrics.js';
import { languageMatch } from './language-match.js';
import { latency } from './latency.js';
import { lengthWithinLimits } from './length-within-limits.js';
import { patternMatch } from './pattern-match.js';
import { personalData } from './personal-data.js';
import { quasiExactMatch } from './quasi-exact-match.js';
import { refusal } from './refusal.js';
import { refusalAsExpected } from './refusal-as-expected.js';
import { contextPrecision } from './retrieval/context-precision.js';
import { contextRecall } from './retrieval/context-recall.js';
import { mrr } from './retrieval/mrr.js';
import { ndcgAt } from './retrieval/ndcg-at.js';
import { precisionAt } from './retrieval/precision-at.js';
import { recallAt } from './retrieval/recall-at.js';
import { rouge } from './rouge.js';
import { rougeL } from './rouge-l.js';
import { unitRange, type Scorer, type SetScorer } from './scorer.js';
import { selfBleu } from './self-bleu.js';
import { tokenF1 } from './token-f1.js';
import { toxicity } from './toxicity.js';
import { wordPrecision } from './word-precision.js';
import { wordRecall } from './word-recall.js';

/** How many of the documents found first are looked at. */
const depths = [1, 3, 5, 10] as const;

const byMetric = <One extends { metric: string }>(all: readonly One[]): Readonly<Record<string, One>> =>
  Object.fromEntries(all.map((scorer) => [scorer.metric, scorer]));

/** Every scorer that needs no model, by metric. */
export const scorers = byMetric<Scorer>([
  answerLength,
  behaviourChange,
  bleu,
  chrf,
  contains,
  contextPrecision,
  contextRecall,
  cosineToReference,
  cost,
  directionality,
  distinctSequences(1),
  distinctSequences(2),
  elicitationResistance,
  exactMatch,
  expectedTopics,
  forbiddenPhrases,
  formatAdherence,
  invariance({ metric: 'invarianceLetterCase', kind: 'letterCase' }),
  invariance({ metric: 'invarianceParaphrase', kind: 'paraphrase' }),
  invariance({ metric: 'invarianceTypos', kind: 'typos' }),
  invariance({ metric: 'invarianceWhitespace', kind: 'whitespace' }),
  jailbreakResistance,
  jsonSchema,
  languageMatch,
  latency,
  lengthWithinLimits,
  mrr,
  ...depths.map(ndcgAt),
  patternMatch,
  personalData,
  ...depths.map(precisionAt),
  promptInjectionResistance,
  quasiExactMatch,
  ...depths.map(recallAt),
  refusal,
  refusalAsExpected,
  robustnessDeltaF1,
  rouge(1),
  rouge(2),
  rougeL,
  tokenF1,
  toxicity,
  wordPrecision,
  wordRecall,
]);

/** Every scorer that looks at all answers of an arm, by metric. */
export const setScorers = byMetric<SetScorer>([selfBleu]);

export interface MetricShape {
  better: Better;
  range: { low: number; high: number } | null;
}

const shapes: Readonly<Record<string, MetricShape>> = { ...judgedMetrics, ...setScorers, ...scorers };

/** Which way a metric is good and what it can be; a metric nobody described is a share of which more is better. */
export function metricShape(metric: string): MetricShape {
  const known = Object.hasOwn(shapes, metric) ? shapes[metric] : undefined;
  return { better: known?.better ?? 'higher', range: known === undefined ? unitRange : known.range };
}
