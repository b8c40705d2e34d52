import { z } from 'zod';
import { digestOf } from '../release/evidence.js';

/** Says on every page that shows a summary who wrote it. */
export const summaryLabel = 'AI-generated';

/** A summary as the cache holds it and the gateway serves it. */
export const storedSummarySchema = z.object({
  family: z.string().min(1),
  item: z.string().min(1),
  model: z.string().min(1),
  release: z.string().min(1),
  /** Digest of the question, the prompt and the release. */
  inputDigest: z.string().min(1),
  label: z.literal(summaryLabel),
  language: z.string().min(1),
  pros: z.array(z.string()),
  cons: z.array(z.string()),
  summary: z.string().min(1),
  sources: z
    .array(
      z.object({
        review: z.string().min(1),
        rating: z.number(),
        verified: z.boolean(),
        language: z.string().nullable(),
        snippet: z.string(),
      }),
    )
    .min(1),
  /** Reviews that the item has, and that the model was shown. */
  reviews: z.object({ all: z.number().int().min(1), shown: z.number().int().min(1) }),
  /** What it took to make, and the challenger that failed at it first, for which the champion stepped in. */
  milliseconds: z.number().min(0),
  failedRelease: z.string().nullable(),
  generatedAt: z.iso.datetime(),
  /** Begin of the run that wrote or confirmed it; a later run's entry is never replaced by an earlier one's. */
  run: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type StoredSummary = z.infer<typeof storedSummarySchema>;

/** Names what a summary says and who said it; the same text of the same release has the same version. */
export const summaryVersion = ({ item, release, inputDigest, pros, cons, summary, sources }: StoredSummary): string =>
  digestOf({ item, release, inputDigest, pros, cons, summary, sources: sources.map(({ review }) => review) }).slice(
    0,
    32,
  );
