import { z } from 'zod';
import type { Better } from '../statistics/contrast.js';

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
  expectedTopics?: readonly string[] | undefined;
}

/** One metric: pure, the same text gives the same score anywhere. */
export interface Scorer {
  metric: string;
  better: Better;
  /** Lowest and highest possible score; null where there is none. */
  range: { low: number; high: number } | null;
  score(input: { case: ScoredInput; answer: string }): Score;
}

export const unitRange = { low: 0, high: 1 } as const;

/** A score with what it was made of. */
export const scored = (score: number, details: Score['details'] = {}): Score => ({ score, reason: null, details });

/** No score, and why. */
export const unmeasured = (reason: string): Score => ({ score: null, reason, details: {} });
