import { z } from 'zod';
import type { Better } from '../statistics/contrast.js';
import type { Observations } from './answer.js';
import type { ProbeKind } from './behaviour/probe.js';
import type { ExpectedAnswer } from './expected-answer.js';

/** What one scorer says of one answer; null is unmeasured, never 0, and `reason` says why. */
export const scoreSchema = z.object({
  score: z.number().nullable(),
  reason: z.string().nullable(),
  details: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
});
export type Score = z.infer<typeof scoreSchema>;

/** The parts of a golden case that a scorer may look at. */
export interface ScoredInput {
  input: string;
  reference: string;
  tags?: Readonly<Record<string, string>> | undefined;
  expectedTopics?: readonly string[] | undefined;
  /** Ids of the documents that answer the question. */
  relevantDocuments?: readonly string[] | undefined;
  /** How relevant a document is, by id; 0 is not at all. */
  relevance?: Readonly<Record<string, number>> | undefined;
  expected?: ExpectedAnswer | undefined;
}

/** One answer, the case it answers, and what was observed on the way; an observation that is absent was not made. */
export interface AnswerToScore extends Observations {
  case: ScoredInput;
  answer: string;
}

/** What a scorer reads beside question and answer. Without it the score is unmeasured, so whoever scores sees to it. */
export type Need =
  | 'reference'
  | 'expectedTopics'
  | 'relevantDocuments'
  | `expected.${keyof ExpectedAnswer}`
  | Exclude<keyof Observations, 'variants'>
  | `variants.${ProbeKind}`;

interface Metric {
  metric: string;
  better: Better;
  /** Lowest and highest possible score; null where there is none. */
  range: { low: number; high: number } | null;
  needs: readonly Need[];
}

/** One metric: pure, the same text gives the same score anywhere. */
export interface Scorer extends Metric {
  score(input: AnswerToScore): Score;
}

/** A metric of an answer among all answers of its arm. */
export interface SetScorer extends Metric {
  /** One score an answer, in their order; a null answer is unmeasured and counts for no other. */
  scoreSet(input: { answers: readonly (string | null)[] }): Score[];
}

export const unitRange = { low: 0, high: 1 } as const;

/** A score with what it was made of. */
export const scored = (score: number, details: Score['details'] = {}): Score => ({ score, reason: null, details });

/** No score, and why. */
export const unmeasured = (reason: string): Score => ({ score: null, reason, details: {} });

/** A measured quantity as a score: absent, negative or not finite, it is unmeasured. */
export function measuredQuantity({ value, name }: { value: number | undefined; name: string }): Score {
  if (value === undefined) return unmeasured(`no ${name} was recorded`);
  if (!Number.isFinite(value) || value < 0) return unmeasured(`${name} is ${value}: expected a number from 0`);
  return scored(value);
}
