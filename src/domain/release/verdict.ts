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
});
export type Verdict = z.infer<typeof verdictSchema>;

/** The worst of several verdicts; of none it is `unmeasured`, since nothing measured is never a pass. */
export function worstVerdict(verdicts: readonly Pick<Verdict, 'verdict'>[]): VerdictKind {
  const seen = new Set(verdicts.map((one) => one.verdict));
  return verdictKinds.find((kind) => seen.has(kind)) ?? 'unmeasured';
}
