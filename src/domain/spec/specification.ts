import { z } from 'zod';
import { artifactRefSchema } from '../artifact-ref.js';
import { promptSchema } from '../release/prompt.js';
import { modelSpecSchema } from './model-spec.js';

/**
 * A spec as it was applied: parsed, with the files it names already in the store, so that a release needs nothing of
 * the machine the spec was applied from but its data source.
 */
export const specificationSchema = z.object({
  version: z.literal(1),
  spec: modelSpecSchema,
  golden: z.object({ name: z.string(), version: z.string(), ref: artifactRefSchema }),
  judgeCalibration: artifactRefSchema
    .optional()
    .describe('what evaluation.judge.calibration names, where it names a file'),
  preferences: artifactRefSchema.optional().describe('what training.preferences names, where it names a file'),
  prompt: promptSchema,
  promptDigest: z.string(),
  overlays: z.array(z.string()),
});
export type Specification = z.infer<typeof specificationSchema>;
