import { z } from 'zod';

const count = z.number().int().min(0);

/** First events of one arm under one revision: distinct sticky-key buckets, cumulative within the revision. */
const armCountsSchema = z.object({
  keys: count,
  events: z.record(z.string(), count),
  /** Buckets that had the event more than once since the canary began, where that first showed. */
  again: z.record(z.string(), count).optional(),
});

/** What the watcher saw at one moment: everything a guard's verdict rests on, so that it can be recomputed. */
export const lookSchema = z.object({
  at: z.iso.datetime(),
  revisions: z.array(
    z.object({
      revision: z.number().int().min(1),
      /** The challenger's true share of buckets under the revision, 0..1. */
      share: z.number().min(0).max(1),
      arms: z.object({ champion: armCountsSchema, challenger: armCountsSchema }),
    }),
  ),
});
export type Look = z.infer<typeof lookSchema>;

/** A look with what the guards said at it. */
export const judgedLookSchema = z.object({
  look: lookSchema,
  guards: z.array(z.object({ event: z.string(), verdict: z.string(), eValue: z.number(), threshold: z.number() })),
});
export type JudgedLook = z.infer<typeof judgedLookSchema>;
