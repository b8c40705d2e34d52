import { z } from 'zod';
import { binomialTest } from '../statistics/distributions.js';
import { formatNumber, formatShare } from '../statistics/format.js';

export const sampleRatioSchema = z.object({
  verdict: z.enum(['pass', 'unmeasured']),
  /** Null where no revision had users on both sides to expect. */
  pValue: z.number().min(0).max(1).nullable(),
  reason: z.string(),
});
export type SampleRatio = z.infer<typeof sampleRatioSchema>;

/** A split this unlikely is no chance: assignment or counting is broken, and no guard can be believed. */
export const sampleRatioLimit = 0.001;

/**
 * Whether distinct keys were split as planned: an exact binomial test a revision, the smallest p-value times their number
 * (Bonferroni, which holds although the same keys appear under several revisions). A break is `unmeasured`, never `fail`.
 */
export function sampleRatio({
  revisions,
}: {
  revisions: readonly { revision: number; share: number; challenger: number; champion: number }[];
}): SampleRatio {
  const split = revisions
    .filter(({ share, challenger, champion }) => share > 0 && share < 1 && challenger + champion > 0)
    .map((one) => ({
      ...one,
      keys: one.challenger + one.champion,
      p: binomialTest({ successes: one.challenger, trials: one.challenger + one.champion, p: one.share }),
    }));
  const [first, ...others] = split;
  if (first === undefined)
    return { verdict: 'unmeasured', pValue: null, reason: 'no keys under a share between 0 and 100 %' };
  const worst = others.reduce((least, one) => (one.p < least.p ? one : least), first);
  const pValue = Math.min(1, worst.p * split.length);
  const seen = `${worst.challenger} of ${worst.keys} keys (${formatShare(worst.challenger / worst.keys)}) on the challenger, planned ${formatShare(worst.share)}, p ${formatNumber(pValue)}`;
  return pValue < sampleRatioLimit
    ? { verdict: 'unmeasured', pValue, reason: `keys are not split as planned: ${seen} < ${sampleRatioLimit}` }
    : { verdict: 'pass', pValue, reason: `${seen} >= ${sampleRatioLimit}` };
}
