import { z } from 'zod';
import { durationSchema } from './quantities.js';
import { sourceSchema } from './data-spec.js';

const language = z.string().regex(/^[a-z]{2}$/, 'expected a language by its two letters, such as en');
const count = z.number().int().min(0);

/** What stands in for a column that the source lacks, or for an empty field of it. */
const missing = z.strictObject({
  created_at: z
    .enum(['rowOrder', 'unknown'])
    .default('unknown')
    .describe('rowOrder: later rows are newer; unknown: the review is older than every dated one'),
  verified: z.boolean().default(false),
  helpful_votes: count.default(0),
  language: language.nullable().default(null).describe('null: a language of its own'),
});

const select = z.strictObject({
  positive: count.default(5).describe('most helpful reviews of 4 and 5 stars'),
  negative: count.default(5).describe('most helpful reviews of 1 and 2 stars'),
  recent: count.default(5).describe('most recent reviews besides those'),
  charactersPerReview: z.number().int().min(20).default(600).describe('longer reviews are cut at a word'),
});

/** How the items of a model are summarised again and again. Only models of a family with reviews have it. */
export const batchSpecSchema = z.strictObject({
  source: sourceSchema.describe('the reviews, with the columns of the recipe reviews'),
  schedule: z
    .strictObject({ cron: z.string().min(1).default('0 * * * *'), timezone: z.string().default('UTC') })
    .nullable()
    .prefault({})
    .describe('null: only by understudy batch run'),
  domain: z
    .strictObject({ column: z.string().min(1).default('category'), values: z.array(z.string().min(1)).min(1) })
    .nullable()
    .default(null)
    .describe('the items of this model: those whose reviews mostly have one of the values; null: all'),
  missing: missing.prefault({}),
  select: select
    .refine(({ positive, negative, recent }) => positive + negative + recent > 0, 'expected at least one review')
    .prefault({}),
  minimumReviews: z.number().int().min(1).default(1).describe('an item with fewer has no summary'),
  language: language.default('en').describe('in which summaries are written'),
  concurrency: z.number().int().min(1).max(1000).default(32).describe('most calls at a time, over all workers'),
  itemsPerChunk: z.number().int().min(1).max(5000).default(256).describe('items that one activity answers'),
  ttl: durationSchema.default('PT720H').describe('a summary that no run has confirmed for so long is served no more'),
});
export type BatchSpec = z.infer<typeof batchSpecSchema>;
