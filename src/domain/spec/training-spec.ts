import { z } from 'zod';
import { durationSchema } from './quantities.js';

/** Defaults are those of common LoRA practice on instruction models: r 16, alpha 32, dropout 0.05, 2e-4, 3 epochs. */
export const trainingSpecSchema = z.strictObject({
  method: z.enum(['lora', 'qlora']).default('lora'),
  rank: z.number().int().positive().default(16),
  alpha: z.number().positive().default(32),
  dropout: z.number().min(0).max(1).default(0.05),
  learningRate: z.number().positive().default(2e-4),
  epochs: z.number().positive().default(3),
  maxSteps: z.number().int().positive().nullable().default(null),
  batchSize: z.number().int().positive().default(4),
  gradientAccumulation: z.number().int().positive().default(4),
  maxLength: z.number().int().positive().default(2048).describe('tokens; longer rows are cut and counted'),
  warmupRatio: z.number().min(0).max(1).default(0.03),
  seed: z.number().int().default(1),
  instances: z.array(z.string()).default(['ml.g5.2xlarge']),
  spot: z.boolean().default(true),
  budgetUsd: z.number().positive().default(40),
  deadline: durationSchema.default('PT12H'),
});
export type TrainingSpec = z.infer<typeof trainingSpecSchema>;
