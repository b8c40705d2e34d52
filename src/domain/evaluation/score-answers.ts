import { z } from 'zod';
import type { Answer } from './answer.js';
import { scoreSchema, unmeasured, type ScoredInput } from './scorer.js';
import { scorers } from './scorers.js';

/** One raw score, as it is stored: a case, a metric, and what the case belongs to. */
export const scoreRowSchema = scoreSchema.extend({
  id: z.string(),
  cluster: z.string(),
  metric: z.string(),
  tags: z.record(z.string(), z.string()),
});
export type ScoreRow = z.infer<typeof scoreRowSchema>;

export interface CaseToScore extends ScoredInput {
  id: string;
  cluster: string;
  tags: Record<string, string>;
}

export interface ScoredAnswers {
  /** Every case times every metric, in the order given; a case without an answer is unmeasured with the reason. */
  rows: ScoreRow[];
  /** Ids of answers that no case asked for. */
  unknown: string[];
}

/**
 * Raw scores of one arm's answers.
 * @throws RangeError for a metric that no scorer has.
 */
export function scoreAnswers({
  cases,
  answers,
  metrics,
}: {
  cases: readonly CaseToScore[];
  answers: readonly Pick<Answer, 'id' | 'answer' | 'reason'>[];
  metrics: readonly string[];
}): ScoredAnswers {
  for (const metric of metrics)
    if (!Object.hasOwn(scorers, metric))
      throw new RangeError(`metric "${metric}": expected one of ${Object.keys(scorers).sort().join(', ')}`);
  const byId = new Map<string, Pick<Answer, 'answer' | 'reason'>>();
  for (const { id, answer, reason } of answers)
    byId.set(id, byId.has(id) ? { answer: null, reason: 'the case has more than one answer' } : { answer, reason });
  const known = new Set(cases.map((one) => one.id));
  const rows = cases.flatMap((one) => {
    const given = byId.get(one.id) ?? { answer: null, reason: 'the case has no answer' };
    const { id, cluster, tags } = one;
    return metrics.map((metric) => ({
      id,
      cluster,
      tags,
      metric,
      ...(given.answer === null
        ? unmeasured(given.reason ?? 'the case has no answer')
        : scorers[metric]!.score({ case: one, answer: given.answer })),
    }));
  });
  return { rows, unknown: [...byId.keys()].filter((id) => !known.has(id)).sort() };
}
