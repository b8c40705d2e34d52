import { z } from 'zod';
import { mostLooks } from '../statistics/group-sequential.js';
import { levelSchema, shareSchema } from './quantities.js';

/** An absolute gate: the metric's mean, or the bound of its interval, against a limit. */
export const gateSpecSchema = z
  .strictObject({
    metric: z.string().min(1),
    min: z.number().optional(),
    max: z.number().optional(),
    on: z
      .enum(['point', 'lowerBound', 'upperBound'])
      .optional()
      .describe('default: the bound that makes passing harder, lowerBound for min and upperBound for max'),
  })
  .refine((gate) => gate.min !== undefined || gate.max !== undefined, 'expected min, max or both')
  .refine(
    ({ min = -Infinity, max = Infinity }) => min <= max,
    'expected a min that is at most the max: no score is over the one and under the other',
  );
export type GateSpec = z.infer<typeof gateSpecSchema>;

const comparison = { metric: z.string().min(1), kind: z.enum(['relative', 'absolute']).default('relative') };

/** What the challenger must win by; `minimumEffect` is a share of the champion's mean, or absolute. */
export const primarySpecSchema = z.strictObject({ ...comparison, minimumEffect: z.number().min(0).default(0.05) });
export type PrimarySpec = z.infer<typeof primarySpecSchema>;

/** What the challenger must not lose more than `margin` of. */
export const guardrailSpecSchema = z.strictObject({ ...comparison, margin: z.number().min(0).default(0.02) });
export type GuardrailSpec = z.infer<typeof guardrailSpecSchema>;

const tokenPriceSchema = z.strictObject({ input: z.number().min(0), output: z.number().min(0) });

export const judgeSpecSchema = z.strictObject({
  model: z.string().min(1),
  strong: z.string().min(1).nullable().default(null),
  strongFor: z
    .enum(['unsure', 'everyCase'])
    .default('unsure')
    .describe('cases that the strong judge sees: those the first is unsure of and the audited ones, or all'),
  auditShare: shareSchema.default(0.05).describe('share of cases that the strong judge sees whatever the first said'),
  jury: z.array(z.string().min(1)).default([]).describe('more models that judge every case; the median counts'),
  calibration: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('a file that "judge calibrate --out" wrote; without it, calibrations are found in the store'),
  allowUncalibrated: z.array(z.string()).default([]).describe('metrics that gate although the judge is not calibrated'),
  budgetUsd: z.number().positive().default(5).describe('of one evaluation'),
  prices: z
    .record(z.string(), tokenPriceSchema)
    .default({})
    .describe('US dollars for a million tokens, by model; 5 and 20 are assumed where none is named'),
});
export type JudgeSpec = z.infer<typeof judgeSpecSchema>;

export const evaluationSpecSchema = z.strictObject({
  preset: z.enum(['support', 'support-deterministic', 'summaries', 'summaries-deterministic', 'strict']),
  baseline: z
    .strictObject({ kind: z.literal('keyword-category') })
    .nullable()
    .default(null),
  gates: z.array(gateSpecSchema).default([]).describe('added to, or by metric overriding, those of the preset'),
  decision: z.enum(['superior', 'nonInferior']).default('superior'),
  primary: z
    .array(primarySpecSchema)
    .min(1)
    .default([{ metric: 'tokenF1', kind: 'relative', minimumEffect: 0.05 }]),
  nonInferiorityMargin: shareSchema.default(0.05).describe('relative margin of the primary metric in a refresh'),
  guardrails: z.array(guardrailSpecSchema).default([]),
  slices: z.array(z.string()).default(['language', 'category']),
  alpha: levelSchema.default(0.05),
  unmeasuredLimit: shareSchema.default(0.02),
  maxAnswerTokens: z.number().int().positive().default(256),
  answerPrice: tokenPriceSchema
    .nullable()
    .default(null)
    .describe('US dollars for a million tokens of an answer, for costUsd; of both arms'),
  looks: z
    .number()
    .int()
    .min(1)
    .max(mostLooks)
    .default(1)
    .describe('parts in which the cases are asked; it ends early where a part decides'),
  judge: judgeSpecSchema.nullable().default(null),
});
export type EvaluationSpec = z.infer<typeof evaluationSpecSchema>;
