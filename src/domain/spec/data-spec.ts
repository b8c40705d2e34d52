import { z } from 'zod';
import { shareSchema } from './quantities.js';

const columns = z.record(z.string(), z.string()).default({});

/** Where the rows come from; `columns` maps the recipe's column names to the source's own. */
export const sourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('csv'), uri: z.string().min(1), columns }),
  z.strictObject({ kind: z.literal('jsonl'), uri: z.string().min(1), columns }),
  z.strictObject({ kind: z.literal('parquet'), uri: z.string().min(1), columns }),
  z.strictObject({ kind: z.literal('postgres'), uri: z.string().min(1), query: z.string().min(1), columns }),
]);

const validationRule = z.strictObject({
  column: z.string().min(1),
  rule: z.enum(['unique', 'range', 'set', 'required']),
  min: z.number().optional(),
  max: z.number().optional(),
  values: z.array(z.string()).optional(),
});

export const dataSpecSchema = z.strictObject({
  recipe: z.enum(['support-tickets', 'reviews']),
  source: sourceSchema,
  cluster: z
    .string()
    .min(1)
    .default('customer_id')
    .describe('column whose rows belong together, for splits and statistics'),
  languages: z.array(z.string().length(2)).default(['en', 'de', 'fr', 'es', 'it', 'nl']),
  validation: z.array(validationRule).default([]),
  contamination: z
    .strictObject({
      removeAt: z.number().min(0).max(1).default(0.85).describe('8-gram overlap with a golden case that removes a row'),
      refuseOver: shareSchema.default(0.05).describe('share of removed rows that refuses the release'),
    })
    .prefault({}),
  minimumRows: z.number().int().positive().default(50),
  validationShare: shareSchema.default(0.1),
  seed: z.number().int().default(1),
  goldenSet: z.string().min(1),
});
export type DataSpec = z.infer<typeof dataSpecSchema>;
