import { z } from 'zod';
import { chunkKinds } from '../retrieval/chunkers/chunk-document.js';
import { fieldNamePattern } from '../retrieval/filters.js';
import { durationSchema, shareSchema } from './quantities.js';

export const chunkSpecSchema = z
  .strictObject({
    kind: z.enum(chunkKinds).default('recursive'),
    size: z.number().int().positive().default(512),
    overlap: z.number().int().min(0).default(64),
    unit: z.enum(['characters', 'tokens']).default('characters'),
  })
  .refine(({ size, overlap }) => overlap < size, 'expected an overlap that is less than the size');

export const documentSourceSchema = z.strictObject({
  kind: z.enum(['folder', 'csv', 'jsonl', 'outbox', 'table']).default('folder'),
  uri: z.string().min(1).describe('a folder of .md, .txt, .html, .pdf; a file of rows; or the address of PostgreSQL'),
  columns: z
    .strictObject({ id: z.string().min(1).default('id'), text: z.string().min(1).default('text') })
    .prefault({})
    .describe('csv, jsonl and table: which columns hold the document and its name; the fields have their own names'),
  table: z
    .string()
    .min(1)
    .default('document_outbox')
    .describe('outbox: the table of changes; table: the one whose rows are documents'),
  slot: z
    .string()
    .regex(/^[a-z0-9_]{1,63}$/, 'expected lower-case letters, digits and "_", at most 63')
    .nullable()
    .default(null)
    .describe('table: the replication slot that tells what changed; null: every row is looked at'),
});
export type DocumentSourceSpec = z.infer<typeof documentSourceSchema>;

/** Where answers get their facts from, and how. */
export const retrievalSpecSchema = z
  .strictObject({
    index: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'expected lower-case letters, digits and "-", at most 60')
      .describe('the name that always leads to the version in use'),
    source: documentSourceSchema.nullable().default(null).describe('null: somebody else fills the index'),
    schedule: z
      .strictObject({ cron: z.string().min(1), timezone: z.string().default('UTC') })
      .nullable()
      .default(null)
      .describe('when a worker brings the index up to date; null: only "understudy index" does'),
    chunk: chunkSpecSchema.prefault({}),
    fields: z
      .record(
        z.string().regex(fieldNamePattern, 'expected letters, digits and "_"'),
        z.enum(['keyword', 'number', 'boolean']),
      )
      .default({})
      .describe('what filters may ask of a document'),
    mode: z.enum(['hybrid', 'dense', 'keyword']).default('hybrid'),
    topK: z.number().int().positive().max(100).default(3),
    candidates: z.number().int().positive().max(1000).default(20).describe('how many each list contributes'),
    minimumScore: z
      .number()
      .min(-1)
      .max(1)
      .nullable()
      .default(null)
      .describe('cosine of the best neighbour under which nothing counts as found'),
    diversity: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .default(null)
      .describe('lambda of maximal marginal relevance; null: off'),
    nearDuplicates: shareSchema.nullable().default(0.9).describe('share of words in common from which one is left out'),
    grounding: z
      .enum(['prompt', 'citations'])
      .default('prompt')
      .describe(
        'prompt: what is found stands in the prompt; citations: the model answers from its training alone, and its sentences are held against what is found',
      ),
    selfQuery: z
      .boolean()
      .default(false)
      .describe('filter by the values of keyword fields that stand in the question, too'),
    rewrites: z.number().int().min(0).max(5).default(0).describe('other wordings that a model is asked for'),
    rerank: z
      .enum(['judge', 'crossEncoder'])
      .nullable()
      .default(null)
      .describe('what scores the best again: a model by a question of its own, or a cross-encoder'),
    rerankAmong: z.number().int().positive().max(100).default(10).describe('how many of the best are scored again'),
    helper: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('the model at the endpoint of the release that rewrites and judges; null: the release itself'),
    crossEncoder: z
      .strictObject({
        endpoint: z.url({ protocol: /^https?$/ }).describe('what stands before /rerank, such as http://host:8000/v1'),
        model: z.string().min(1),
      })
      .nullable()
      .default(null)
      .describe('an endpoint that scores texts by POST /rerank, as those of vLLM, Jina and Cohere do'),
    otherwise: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('the answer where nothing is found; null: the model is asked all the same'),
    contextTokens: z.number().int().positive().default(1000),
    order: z.enum(['best first', 'best at the ends']).default('best first'),
    latencyBudget: durationSchema
      .default('PT0.2S')
      .describe('what retrieval may take of a request; then it answers without'),
    minimumRecall: shareSchema.default(0.95).describe('of the true neighbours, before a new version is switched to'),
    keepVersions: z.number().int().min(1).default(3),
  })
  .refine(({ rerank, crossEncoder }) => rerank !== 'crossEncoder' || crossEncoder !== null, {
    path: ['crossEncoder'],
    message: 'expected an endpoint and a model, which rerank: crossEncoder asks',
  });
export type RetrievalSpec = z.infer<typeof retrievalSpecSchema>;
