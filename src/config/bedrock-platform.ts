import { z } from 'zod';
import { isWholeNetwork, wholeNetwork } from './aws-fields.js';

const shape = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(?:-[a-z0-9]+)+-\d$/, 'expected a region such as eu-central-1'),
  /** Under which Bedrock reads merged weights from the store. */
  roleArn: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'expected the ARN of a role'),
  /** AWS's quota of imported models for the account; 3 where it was not raised. */
  mostModels: z.number().int().positive().default(3),
  kmsKey: z.string().min(1).nullable().default(null),
  subnets: z.array(z.string().min(1)).default([]),
  securityGroups: z.array(z.string().min(1)).default([]),
  tags: z.record(z.string(), z.string()).default({}),
});

/** Releases imported into Bedrock, in place of pools of pods. */
export const bedrockPlatformSchema = shape.refine(isWholeNetwork, wholeNetwork);
export type BedrockPlatform = z.output<typeof bedrockPlatformSchema>;
