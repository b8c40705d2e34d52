import { z } from 'zod';
import { digestOf } from '../../domain/release/evidence.js';
import { scoreRowSchema } from '../../domain/evaluation/score-answers.js';

/** One line of `evaluation/judged.jsonl`: a judge's raw score of one arm's answer to one case. */
export const judgedRowSchema = scoreRowSchema.extend({ arm: z.enum(['challenger', 'champion']) });
export type JudgedRow = z.infer<typeof judgedRowSchema>;

const count = z.number().int().min(0);

/** `evaluation/judging.json`: who judged, at what cost, and what may be made of it. */
export const judgingSchema = z.object({
  version: z.literal(1),
  releaseId: z.string(),
  /** Digest of everything that the scores follow from; absent in what version 0.1.0 recorded. */
  inputs: z.string().optional(),
  /** SHA-256 of `judged.jsonl`. */
  scores: z.string().optional(),
  /** The models as a calibration names them. */
  judge: z.string(),
  /** Digests by metric. */
  rubrics: z.record(z.string(), z.string()),
  cases: count,
  forecast: z.object({ calls: count, leastUsd: z.number(), expectedUsd: z.number() }),
  capUsd: z.number(),
  spentUsd: z.number(),
  calls: count,
  cached: count,
  unmeasured: count,
  /** Cases times metrics that the strong judge saw, by reason. */
  strong: z.record(z.string(), count),
  /** What says where the first judge is unsure, by metric: its calibration, or else the middle of its range. */
  tieredBy: z.record(z.string(), z.enum(['calibration', 'middleOfRange'])).default({}),
  /** What the first judge's scores of audited cases miss, by metric; in the metric's units, first less strong. */
  audit: z.record(
    z.string(),
    z.object({ cases: count, meanDifference: z.number().nullable(), meanDistance: z.number().nullable() }),
  ),
});
export type Judging = z.infer<typeof judgingSchema>;

/**
 * Digest of who judged by what, without what it cost: a repetition that finds its judgements stored makes fewer calls,
 * and is the same evidence.
 */
export const judgementDigestOf = ({
  forecast: _forecast,
  spentUsd: _spentUsd,
  calls: _calls,
  cached: _cached,
  ...judgement
}: Judging): string => digestOf(judgement);
