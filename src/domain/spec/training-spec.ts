import { z } from 'zod';
import { durationSchema } from './quantities.js';

/** Defaults: beta and one epoch of Rafailov et al. 2023; the rate is for LoRA, whose weights take larger steps than theirs. */
const preferencesSchema = z.strictObject({
  file: z.string().min(1).describe('JSONL of {prompt, chosen, rejected}, each a list of messages'),
  beta: z.number().positive().default(0.1).describe('how closely the adapter keeps to what the chats have taught'),
  learningRate: z.number().positive().default(5e-6),
  epochs: z.number().positive().default(1),
  maxSteps: z.number().int().positive().nullable().default(null),
});

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
  preferences: preferencesSchema
    .nullable()
    .default(null)
    .describe('pairs of answers that the adapter is trained by after the chats (DPO); null for chats alone'),
});
export type PreferenceSpec = z.infer<typeof preferencesSchema>;
export type TrainingSpec = z.infer<typeof trainingSpecSchema>;
