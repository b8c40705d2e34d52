import { z } from 'zod';
import { artifactRefSchema } from '../../domain/artifact-ref.js';
import { seenItemSchema } from '../../domain/summaries/seen-item.js';
import { canonicalJson, sha256Hex } from '../../domain/release/evidence.js';
import type { BatchSpec } from '../../domain/spec/batch-spec.js';

/** An item that a run looks at: what is known of it, and the reviews that a model is shown. */
export const dueItemSchema = z.object({
  item: z.string(),
  /** Digest of its reviews as they were read, and of what the spec makes of them. */
  reviews: z.string(),
  /** How many of them there are. */
  all: z.number().int(),
  snippets: z.array(
    z.object({
      review: z.string(),
      text: z.string(),
      rating: z.number(),
      verified: z.boolean(),
      language: z.string().nullable(),
    }),
  ),
  before: seenItemSchema.nullable(),
});
export type DueItem = z.infer<typeof dueItemSchema>;

export const stageSchema = z.object({ run: z.iso.datetime(), chunks: z.array(artifactRefSchema) });

export const deadItemSchema = z.object({
  item: z.string(),
  release: z.string(),
  reason: z.string(),
  /** What the model said last, at most its first 2,000 characters; null where it said nothing. */
  reply: z.string().nullable(),
  at: z.string(),
});
export type DeadItem = z.infer<typeof deadItemSchema>;

const counts = z.number().int();

/** What answering a chunk has left, read again where the chunk is asked for once more. */
export const chunkResultSchema = z.object({
  items: z.array(z.object({ before: seenItemSchema.nullable(), seen: seenItemSchema })),
  letters: z.array(deadItemSchema),
  counts: z.object({
    ...{ summarised: counts, deadLettered: counts, tooFew: counts, calls: counts, repaired: counts, pairs: counts },
    unformatted: counts.optional(),
    atOnce: counts,
  }),
});
export type ChunkResult = z.infer<typeof chunkResultSchema>;

/** Of the chunk with this number, from 0. */
export const chunkFile = (chunk: number): string => `chunk-${String(chunk + 1).padStart(5, '0')}.jsonl`;
export const resultFile = (chunk: number): string => `result-${String(chunk + 1).padStart(5, '0')}.json`;

/**
 * The digest of what an item's question is made from: its reviews as they were read, in whatever order, and what the spec
 * makes of them. A spec that asks for other reviews, or in another language, is news for every item.
 */
export const reviewsDigest = ({
  rows,
  batch: { select, minimumReviews, language, missing },
}: {
  rows: readonly string[];
  batch: Pick<BatchSpec, 'select' | 'minimumReviews' | 'language' | 'missing'>;
}): string =>
  sha256Hex(
    [...rows.map((row) => sha256Hex(row)).sort(), canonicalJson({ select, minimumReviews, language, missing })].join(
      '\n',
    ),
  );
