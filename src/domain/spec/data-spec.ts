import { z } from 'zod';
import { shareSchema } from './quantities.js';

const columns = z.record(z.string(), z.string()).default({}).describe("the source's column by the recipe's");
const timeColumn = z
  .string()
  .min(1)
  .default('created_at')
  .describe("the source's column that a window of time is about, as an ingest and --from, --to cut it");
const source = { uri: z.string().min(1), columns, timeColumn };

/** Where the rows come from: a path, `s3://`, `https://` or `store://`; for postgres a connection string. */
export const sourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('csv'), ...source }),
  z.strictObject({ kind: z.literal('jsonl'), ...source }),
  z.strictObject({ kind: z.literal('parquet'), ...source }),
  z.strictObject({ kind: z.literal('postgres'), ...source, query: z.string().min(1) }),
]);
export type SourceSpec = z.infer<typeof sourceSchema>;

const column = z.string().min(1);

/** A promise about the cleaned rows; one that is broken stops the run before anything is published. */
export const validationRuleSchema = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.literal('unique'), column }),
  z.strictObject({ rule: z.literal('required'), column }),
  z.strictObject({ rule: z.literal('range'), column, min: z.number().optional(), max: z.number().optional() }),
  z.strictObject({ rule: z.literal('set'), column, values: z.array(z.string()) }),
  z.strictObject({ rule: z.literal('nullRate'), column, max: shareSchema }),
  z.strictObject({
    rule: z.literal('rowCountChange'),
    max: shareSchema.default(0.5).describe('share of the rows of the version before'),
  }),
]);
export type ValidationRule = z.infer<typeof validationRuleSchema>;

const redaction = z.strictObject({
  patterns: z
    .array(z.strictObject({ type: z.string().regex(/^[A-Z][A-Z_]*$/, 'expected capitals'), pattern: column }))
    .default([])
    .describe('own kinds of identifiers, such as order ids; regular expressions in RE2 syntax'),
});

const replay = z.strictObject({
  share: shareSchema
    .refine((share) => share < 1, 'expected a share under 100%')
    .describe('share of older rows in the training rows'),
  from: z
    .array(
      z.strictObject({
        dataset: z.string().regex(/^(?:previous|[0-9a-f]{64})$/, 'expected previous, or the digest of a data set'),
        weight: z.number().positive().default(1),
      }),
    )
    .min(1),
});

const ingest = z.strictObject({
  schedule: z
    .strictObject({
      cron: z
        .string()
        .regex(/^\S+ \S+ \* \* \*$/, 'expected a time of every day, such as 0 2 * * *, as each run takes in one day'),
      timezone: z.string().default('UTC'),
    })
    .nullable()
    .default(null)
    .describe('when the day before is taken in, in UTC; null: only by understudy data ingest'),
});

export const dataSpecSchema = z.strictObject({
  recipe: z.enum(['support-tickets', 'reviews']),
  source: sourceSchema,
  cluster: column
    .nullable()
    .default(null)
    .describe('column whose rows belong together, for the split; null: customer_id of tickets, product_id of reviews'),
  redaction: redaction.prefault({}),
  languages: z.array(z.string().length(2)).default(['en', 'de', 'fr', 'es', 'it', 'nl']),
  languageConfidence: shareSchema.default(0.9).describe('under it a detected language does not count'),
  toxicity: z.strictObject({ dropOver: shareSchema.default(0.8) }).prefault({}),
  noise: z.strictObject({ minimumWords: z.number().int().min(0).default(5) }).prefault({}),
  duplicates: z
    .strictObject({ threshold: shareSchema.default(0.85).describe('Jaccard similarity of word 3-shingles') })
    .prefault({}),
  uniqueIds: z
    .boolean()
    .default(true)
    .describe('whether the ids of rows (ticket_id, review_id) must differ; false lets two rows have one'),
  validation: z.array(validationRuleSchema).default([]),
  contamination: z
    .strictObject({
      removeAt: z.number().min(0).max(1).default(0.85).describe('8-gram overlap with a golden case that removes a row'),
      refuseOver: shareSchema.default(0.05).describe('share of removed rows that refuses the release'),
      embeddingAt: shareSchema
        .nullable()
        .default(null)
        .describe('cosine of the question to a golden one that removes a row; needs an embedder'),
    })
    .prefault({}),
  replay: replay.nullable().default(null),
  chatTemplate: z.enum(['base', 'mistral', 'llama3', 'chatml', 'alpaca', 'gemma']).default('base'),
  maxTokens: z
    .number()
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('tokens of a chat; longer ones are counted, and cut by the training as by training.maxLength'),
  minimumRows: z.number().int().positive().default(50),
  ingest: ingest.prefault({}),
  validationShare: shareSchema.default(0.1),
  seed: z.number().int().default(1),
  goldenSet: z.string().min(1),
});
export type DataSpec = z.infer<typeof dataSpecSchema>;
