import { z } from 'zod';
import { flagSchema } from '../domain/release/review-flags.js';
import { allRules } from '../domain/release/rules.js';
import { verdictKinds, verdictSchema } from '../domain/release/verdict.js';

const numbers = z.array(z.number());

/** What the report shows of an evaluation; the types are those of src/domain/report. */
const reportEvaluationSchema = z.object({
  metrics: z.array(
    z.object({ metric: z.string(), challenger: numbers, champion: numbers.nullable(), baseline: numbers.nullable() }),
  ),
  slices: z.array(
    z.object({
      slice: z.string(),
      metric: z.string(),
      n: z.number(),
      difference: z.number(),
      low: z.number(),
      high: z.number(),
    }),
  ),
  cases: z.array(
    z.object({
      id: z.string(),
      input: z.string(),
      reference: z.string(),
      challengerAnswer: z.string(),
      championAnswer: z.string().nullable(),
      challengerScore: z.number(),
      championScore: z.number().nullable(),
    }),
  ),
});

/** `releases/<id>/evaluation/evidence.json`: everything the evaluation's decision rested on. */
export const evidenceSchema = z.object({
  version: z.literal(1),
  releaseId: z.string(),
  champion: z.string().nullable(),
  verdict: z.enum(verdictKinds),
  verdicts: z.array(verdictSchema),
  inputs: z
    .record(z.string(), z.string().nullable())
    .describe('digests: dataset, golden, prompt, specification, answers, scores'),
  seed: z.number().int(),
  rules: z.literal(allRules).optional().describe('by which the decision was made; absent is 1, version 0.1.0'),
  attempt: z.number().int().min(1).describe('how many releases this golden-set version has judged, this one included'),
  judged: z
    .array(z.object({ metric: z.string(), standing: z.enum(['calibrated', 'allowed', 'informs']), reason: z.string() }))
    .optional()
    .describe('what may be made of the judge, by metric; absent where nothing was judged'),
  flags: z.array(flagSchema).optional().describe('what a person should look at; absent in what 0.1.0 recorded'),
  report: reportEvaluationSchema,
});
export type Evidence = z.infer<typeof evidenceSchema>;
