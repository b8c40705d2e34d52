import { z } from 'zod';
import { artifactRefSchema } from '../domain/artifact-ref.js';
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
      pValue: z.number().optional(),
      harmed: z.boolean().optional(),
      few: z.boolean().optional(),
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
  jury: z.array(z.object({ metric: z.string(), answers: z.number(), agreement: z.number() })).optional(),
});

const yesOrNoSchema = z.array(z.object({ cluster: z.string(), yes: z.boolean() })).readonly();

/** What is known of a judge, all of which a repetition of the decision needs. */
const judgedMetricSchema = z.object({
  metric: z.string(),
  standing: z.enum(['calibrated', 'allowed', 'informs']),
  reason: z.string(),
  labels: z
    .array(z.object({ id: z.string(), arm: z.enum(['champion', 'challenger']), score: z.number() }))
    .readonly()
    .default([])
    .describe("people's scores of both arms' answers"),
  calibration: z
    .object({ positives: yesOrNoSchema, negatives: yesOrNoSchema })
    .nullable()
    .default(null)
    .describe("the judge's yes and no by what people said, where it corrects absolute rates"),
  favours: z.array(z.string()).readonly().optional().describe('what it judges otherwise than people do'),
  unchanged: z
    .array(z.string())
    .readonly()
    .optional()
    .describe('cases that both arms answered with the same words; absent where nobody labelled an answer'),
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
    .array(judgedMetricSchema)
    .optional()
    .describe('what may be made of the judge, by metric; absent where nothing was judged'),
  leftOut: z
    .array(z.object({ metric: z.string(), reason: z.string() }))
    .optional()
    .describe('metrics of the preset that were not gated on; absent in what 0.1.0 recorded'),
  looks: z
    .object({
      plan: z.array(
        z.object({
          fraction: z.number(),
          boundary: z.number(),
          alpha: z.number(),
          spent: z.number(),
          cases: z.number().int().describe('asked up to and with this look'),
        }),
      ),
      taken: z.array(
        z.object({
          index: z.number().int().min(0),
          stop: z.enum(['success', 'failure', 'futility', 'end']).nullable(),
          reason: z.string(),
          verdict: z.enum(verdictKinds),
        }),
      ),
    })
    .optional()
    .describe('absent where all cases were asked at once'),
  files: z
    .record(z.string(), artifactRefSchema.nullable())
    .optional()
    .describe('where the inputs lie, by the names of their digests; absent in what 0.1.0 recorded'),
  intervals: z
    .record(z.string(), z.object({ level: z.number(), low: z.number(), high: z.number() }))
    .optional()
    .describe('both ends of what each gate was decided on; absent in what 0.1.0 recorded'),
  flags: z.array(flagSchema).optional().describe('what a person should look at; absent in what 0.1.0 recorded'),
  report: reportEvaluationSchema,
});
export type Evidence = z.infer<typeof evidenceSchema>;
