import { z } from 'zod';
import { summaryLabel } from '../domain/summaries/stored-summary.js';

const named = z.string().min(1).max(512);

export const itemParametersSchema = z.object({
  item: named.describe('id of the item, as the source of reviews has it'),
});

export const familyQuerySchema = z.object({
  family: named
    .optional()
    .describe("whose summary: a family of models, or a model without one; by default that of the API key's model"),
});

export const summarySchema = z.object({
  item: z.string(),
  family: z.string(),
  model: z.string().describe('the model of the domain that the item belongs to'),
  release: z.string(),
  label: z.literal(summaryLabel).describe('to be shown beside the text'),
  language: z.string(),
  pros: z.array(z.string()),
  cons: z.array(z.string()),
  summary: z.string(),
  sources: z.array(
    z.object({
      review: z.string().describe('id of the review'),
      rating: z.number(),
      verified: z.boolean(),
      language: z.string().nullable(),
      snippet: z.string(),
    }),
  ),
  reviews: z.object({
    all: z.number().int().describe('reviews that the item has'),
    shown: z.number().int().describe('reviews that the model was shown'),
  }),
  generatedAt: z.string(),
  version: z.string().describe('names this text in feedback on it'),
});

export const summaryFeedbackSchema = z.object({
  version: z.string().min(1).max(128).describe('of the summary that was read'),
  helpful: z.boolean(),
  user: named.optional().describe('counts each person once; without it, each API key says a thing of a summary once'),
  comment: z.string().max(10_000).optional(),
});
