import { z } from 'zod';
import { artifactRefSchema } from '../artifact-ref.js';

/** Worst first. `unmeasured` is worse than `inconclusive`: nothing was seen at all. Missing data is never a pass. */
export const verdictKinds = ['fail', 'unmeasured', 'inconclusive', 'pass'] as const;
export type VerdictKind = (typeof verdictKinds)[number];

/** What one gate said, with both numbers in `reason`; `evidence` points at the raw data it rested on. */
export const verdictSchema = z.object({
  gate: z.string().min(1),
  verdict: z.enum(verdictKinds),
  reason: z.string().min(1),
  value: z.number().nullable(),
  bound: z.number().nullable(),
  limit: z.number().nullable(),
  n: z.number().int().min(0),
  seed: z.number().int().optional(),
  evidence: artifactRefSchema.nullable(),
  informs: z.literal(true).optional().describe('it is shown to people and passes or fails nothing'),
});
export type Verdict = z.infer<typeof verdictSchema>;

/**
 * The worst of several verdicts, but for those that only inform; of none it is `unmeasured`, since nothing measured is
 * never a pass.
 */
export function worstVerdict(verdicts: readonly Pick<Verdict, 'verdict' | 'informs'>[]): VerdictKind {
  const seen = new Set(verdicts.flatMap((one) => (one.informs ? [] : [one.verdict])));
  return verdictKinds.find((kind) => seen.has(kind)) ?? 'unmeasured';
}
