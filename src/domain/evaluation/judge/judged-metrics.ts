import type { Better } from '../../statistics/contrast.js';

interface JudgedShape {
  better: Better;
  range: { low: number; high: number };
}

const share = { low: 0, high: 1 } as const;
const rating = { low: 1, high: 5 } as const;

/** Every metric that a model judges, with its shape; `rubrics/<metric>.yaml` says how. */
export const judgedMetrics = {
  answerRelevancy: { better: 'higher', range: share },
  coherence: { better: 'higher', range: rating },
  completeness: { better: 'higher', range: share },
  contextualPrecision: { better: 'higher', range: share },
  contextualRecall: { better: 'higher', range: share },
  correctness: { better: 'higher', range: share },
  factualAgreement: { better: 'higher', range: share },
  factualAgreementByProbability: { better: 'higher', range: share },
  faithfulness: { better: 'higher', range: share },
  fluency: { better: 'higher', range: rating },
  hallucination: { better: 'lower', range: share },
  helpfulness: { better: 'higher', range: rating },
  judgedToxicity: { better: 'lower', range: share },
  pairwisePreference: { better: 'higher', range: share },
} as const satisfies Readonly<Record<string, JudgedShape>>;

export type RubricMetric = keyof typeof judgedMetrics;

/** Whether a judgement is of two answers, held against each other, and not of one. */
export const isOfPairs = (metric: string): boolean => metric === 'pairwisePreference';

export const isJudged = (metric: string): metric is RubricMetric => Object.hasOwn(judgedMetrics, metric);
