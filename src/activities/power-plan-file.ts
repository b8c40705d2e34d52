import { z } from 'zod';
import { artifactRefSchema } from '../domain/artifact-ref.js';
import { allRules } from '../domain/release/rules.js';
import { verdictSchema } from '../domain/release/verdict.js';

const claimSchema = z.object({
  decision: z.enum(['superior', 'nonInferior']),
  kind: z.enum(['relative', 'absolute']),
  size: z.number(),
  better: z.enum(['higher', 'lower']),
});

/** `releases/<id>/evaluation/power-plan.json`: why an evaluation was not begun, and what that was found from. */
export const refusedPlanSchema = z.object({
  version: z.literal(1),
  releaseId: z.string(),
  refused: verdictSchema,
  plan: z.record(z.string(), z.unknown()),
  rules: z.literal(allRules).default(1),
  from: z
    .object({
      scores: artifactRefSchema.describe("the champion's scores, one case a line"),
      claim: claimSchema,
      alpha: z.number(),
      highest: z.number().nullable().describe('the best score there is'),
    })
    .optional()
    .describe('absent in older ones, which can not be repeated'),
});
export type RefusedPlan = z.infer<typeof refusedPlanSchema>;
