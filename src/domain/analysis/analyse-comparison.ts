import { z } from 'zod';
import { metricShape } from '../evaluation/scorers.js';
import { verdictKinds } from '../release/verdict.js';
import { comparePaired } from '../statistics/compare-paired.js';
import { checkClaim, type Better, type Decision, type EffectKind } from '../statistics/contrast.js';
import { formatReasons, formatShare } from '../statistics/format.js';
import { pairCases, type ScoredCase } from '../statistics/paired-cases.js';
import { unknownPower } from '../statistics/power-plan.js';

const number = z.number().nullable();

/** What `understudy analyse comparison` prints. Numbers are null where no case was scored on both arms. */
export const comparisonAnalysisSchema = z.object({
  metric: z.string(),
  n: z.number().int(),
  clusters: z.number().int(),
  champion: number,
  challenger: number,
  /** Challenger minus champion. */
  difference: number,
  interval: z.object({ level: z.number(), low: number, high: number }),
  pValue: number,
  /** Of the contrast's estimate. */
  standardError: number,
  verdict: z.enum(verdictKinds),
  reason: z.string(),
  power: z.object({ smallestEffect: number, casesNeeded: number }),
  untied: z.number().int(),
  /** What verdict and p-value are about; the interval above is that of the plain difference. */
  contrast: z.object({ estimate: z.number(), low: z.number(), high: z.number(), boundary: z.number() }).nullable(),
  mcNemar: z.object({ onlyChampion: z.number(), onlyChallenger: z.number(), pValue: z.number() }).nullable(),
  unmeasured: z.array(z.object({ id: z.string(), reason: z.string() })),
  seed: z.number().int(),
});
export type ComparisonAnalysis = z.infer<typeof comparisonAnalysisSchema>;

/**
 * Two files of scores, compared case by case as a gate would.
 * @param size minimum effect of `superior` (default 0), margin of `nonInferior` (default 0.02).
 * @param kind whether the size is a share of the champion's mean (default) or score points.
 * @param better by default what is known of the metric, else `higher`.
 * @param unmeasuredLimit share of cases that may lack a score on an arm; over it nothing is decided.
 * @throws RangeError for an id that appears twice, clusters that differ between the arms, or sizes that mean nothing.
 */
export function analyseComparison({
  metric,
  champion,
  challenger,
  decision = 'superior',
  size = decision === 'superior' ? 0 : 0.02,
  kind = 'relative',
  better = metricShape(metric).better,
  alpha = 0.05,
  seed = 1,
  unmeasuredLimit = 0.02,
}: {
  metric: string;
  champion: readonly ScoredCase[];
  challenger: readonly ScoredCase[];
  decision?: Decision;
  size?: number;
  kind?: EffectKind;
  better?: Better;
  alpha?: number;
  seed?: number;
  unmeasuredLimit?: number;
}): ComparisonAnalysis {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha ${alpha}: expected over 0 and under 1`);
  const claim = { decision, kind, size, better };
  checkClaim(claim);
  const cases = pairCases({ champion, challenger });
  const { pairs, unmeasured } = cases;
  const total = pairs.length + unmeasured.length;
  const named = `${unmeasured.length} of ${total} cases (${formatShare(total === 0 ? 0 : unmeasured.length / total)}) unmeasured: ${formatReasons(unmeasured)}`;
  if (pairs.length === 0)
    return {
      metric,
      n: 0,
      clusters: 0,
      champion: null,
      challenger: null,
      difference: null,
      interval: { level: 1 - alpha, low: null, high: null },
      pValue: null,
      standardError: null,
      verdict: 'unmeasured',
      reason: total === 0 ? 'neither arm has a row' : named,
      power: unknownPower,
      untied: 0,
      contrast: null,
      mcNemar: null,
      unmeasured,
      seed,
    };
  const result = comparePaired({ cases, claim, alpha, seed });
  const reason = unmeasured.length === 0 ? result.reason : `${result.reason}; ${named}`;
  const analysis = { metric, ...result, reason, unmeasured, seed };
  if (unmeasured.length / total <= unmeasuredLimit) return analysis;
  return {
    ...analysis,
    verdict: 'unmeasured',
    reason: `${named}, limit ${formatShare(unmeasuredLimit)}; ${result.reason}`,
  };
}
