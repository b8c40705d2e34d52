import { z } from 'zod';
import type { GivenAnswer } from './answer.js';
import { scoreSchema, unmeasured, type Score, type ScoredInput } from './scorer.js';
import { scorers, setScorers } from './scorers.js';

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

/** Whether a scorer of the registry has the metric. */
export const isScorable = (metric: string): boolean =>
  Object.hasOwn(scorers, metric) || Object.hasOwn(setScorers, metric);

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
  answers: readonly GivenAnswer[];
  metrics: readonly string[];
}): ScoredAnswers {
  for (const metric of metrics)
    if (!isScorable(metric)) {
      const known = [...Object.keys(scorers), ...Object.keys(setScorers)].sort().join(', ');
      throw new RangeError(`metric "${metric}": expected one of ${known}`);
    }
  const byId = new Map<string, GivenAnswer>();
  for (const one of answers) {
    const { id } = one;
    byId.set(id, byId.has(id) ? { id, answer: null, reason: 'the case has more than one answer' } : one);
  }
  const given = cases.map(({ id }) => byId.get(id) ?? { id, answer: null, reason: null });
  const ofSet = scoreSets({ metrics, given });
  const known = new Set(cases.map((one) => one.id));
  const rows = cases.flatMap((one, index) => {
    const { id, cluster, tags } = one;
    const { answer, reason, ...observations } = given[index]!;
    const score = (metric: string): Score => {
      if (answer === null) return unmeasured(reason ?? 'the case has no answer');
      return ofSet.get(metric)?.[index] ?? scorers[metric]!.score({ ...observations, case: one, answer });
    };
    return metrics.map((metric) => ({ id, cluster, tags, metric, ...score(metric) }));
  });
  return { rows, unknown: [...byId.keys()].filter((id) => !known.has(id)).sort() };
}

function scoreSets({
  metrics,
  given,
}: {
  metrics: readonly string[];
  given: readonly GivenAnswer[];
}): Map<string, Score[]> {
  const answers = given.map(({ answer }) => answer);
  return new Map(
    metrics
      .filter((metric) => Object.hasOwn(setScorers, metric))
      .map((metric) => [metric, setScorers[metric]!.scoreSet({ answers })]),
  );
}
