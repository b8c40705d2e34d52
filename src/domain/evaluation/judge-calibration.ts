import { z } from 'zod';
import { agreementOf, type Agreement } from '../statistics/agreement.js';
import { wilsonInterval } from '../statistics/wilson.js';
import { clusteredShare } from '../statistics/clustered-share.js';
import { floors } from '../statistics/floors.js';
import { formatInterval, formatNumber, formatShare } from '../statistics/format.js';
import type { Interval } from '../statistics/mean-inference.js';
import type { JudgedLabels } from '../statistics/rogan-gladen.js';
import { biasesOf, type JudgeBias } from './judge-bias.js';

/** One answer as a person and the judge rated it, on the same scale; `judge` null is unmeasured. */
export const calibrationRowSchema = z
  .object({
    id: z.string().min(1),
    cluster: z.string().min(1).optional().describe('cases of one customer, product or document'),
    human: z.number(),
    judge: z.number().nullable(),
    length: z.number().min(0).nullable().default(null).describe('characters of the answer'),
    style: z.string().nullable().default(null).describe('such as list, prose or apology'),
    places: z
      .object({ first: z.number(), second: z.number() })
      .nullable()
      .default(null)
      .describe("the judge's scores of a pair where the answer stood first, and where it stood second"),
  })
  .transform(({ cluster, ...row }) => ({ ...row, cluster: cluster ?? row.id }));
export type CalibrationRow = z.infer<typeof calibrationRowSchema>;

export interface CalibratedShare {
  value: number;
  n: number;
  interval: Interval;
}

/** What is known of a judge by people's labels; bound to judge model and rubric, and good until `expires`. */
export interface JudgeCalibration extends Agreement {
  judge: string;
  rubricDigest: string;
  metric: string;
  /** ISO 8601. */
  expires: string;
  n: number;
  clusters: number;
  /** Share of the labelled answers that the judge gave no score. */
  unmeasured: number;
  /** From here on a rating is a yes. */
  passAt: number;
  /** Share of people's yes, and of their no, that the judge shares; null where people gave none. */
  sensitivity: CalibratedShare | null;
  specificity: CalibratedShare | null;
  /** Mean of judge minus human. */
  meanError: number;
  biases: JudgeBias[];
  verdict: 'calibrated' | 'weak';
  reason: string;
  seed: number;
}

/** Landis and Koch 1977 call agreement over this moderate; the lower bound has to reach it. */
export const leastKappa = 0.4;

/**
 * Holds a judge against people. It is `calibrated` where the lower bound of kappa is at least 0.4 over the floors of 30
 * labels in 20 clusters, else `weak`: it informs. Biases by length, style and position are named; labels on both arms
 * take them out of a comparison, no calibration does.
 * @param passAt ratings from here on are a yes, for sensitivity and specificity.
 * @param ordered ratings are whole numbers such as 1 to 5: kappa is of them and weighs a near miss less. Otherwise it is of
 * the yes and no, since two who count claims seldom come to the same share.
 * @throws RangeError where no answer has a score of the judge.
 */
export function calibrateJudge({
  rows,
  passAt = 0.5,
  ordered = false,
  alpha = 0.05,
  seed,
  resamples,
  ...bound
}: Pick<JudgeCalibration, 'judge' | 'rubricDigest' | 'metric' | 'expires'> & {
  rows: readonly CalibrationRow[];
  passAt?: number;
  ordered?: boolean;
  alpha?: number;
  seed: number;
  resamples?: number;
}): JudgeCalibration {
  const cases = rows.flatMap((row) => (row.judge === null ? [] : [{ ...row, judge: row.judge }]));
  if (cases.length === 0) throw new RangeError('no labelled answer has a score of the judge: expected at least one');
  const settings = { alpha, seed, ...(resamples === undefined ? {} : { resamples }) };
  const rating = (score: number): number => (ordered ? score : Number(score >= passAt));
  const rated = cases.map((one) => ({ ...one, human: rating(one.human), judge: rating(one.judge) }));
  const agreement = agreementOf({ cases: rated, weights: ordered ? 'quadratic' : null, ...settings });
  const labels = labelsOf({ rows, passAt });
  const shared = (side: JudgedLabels['positives'], yes: boolean): CalibratedShare | null => {
    if (side.length === 0) return null;
    const { share, n, effective } = clusteredShare({
      cases: side.map((one) => ({ cluster: one.cluster, yes: one.yes === yes })),
      alpha,
    });
    const level = 1 - alpha;
    return { value: share, n, interval: { level, ...wilsonInterval({ share, n: effective, level }) } };
  };
  const facts = {
    ...bound,
    ...agreement,
    n: cases.length,
    clusters: new Set(cases.map((one) => one.cluster)).size,
    unmeasured: (rows.length - cases.length) / rows.length,
    passAt,
    sensitivity: shared(labels.positives, true),
    specificity: shared(labels.negatives, false),
    meanError: cases.reduce((sum, one) => sum + one.judge - one.human, 0) / cases.length,
    biases: biasesOf({ rows, ...settings }),
    seed,
  };
  return { ...facts, ...verdictOf(facts) };
}

/** The judge's yes and no by what people said, as the correction of absolute rates takes them. */
export function labelsOf({ rows, passAt = 0.5 }: { rows: readonly CalibrationRow[]; passAt?: number }): JudgedLabels {
  const saidBy = (people: boolean): JudgedLabels['positives'] =>
    rows.flatMap(({ judge, human, cluster }) =>
      judge === null || human >= passAt !== people ? [] : [{ cluster, yes: judge >= passAt }],
    );
  return { positives: saidBy(true), negatives: saidBy(false) };
}

function verdictOf(facts: Omit<JudgeCalibration, 'verdict' | 'reason'>): Pick<JudgeCalibration, 'verdict' | 'reason'> {
  const { kappa, agreement, n, clusters, biases } = facts;
  const biased = biases.filter((one) => one.biased).map((one) => `${one.group} (${formatNumber(one.difference)})`);
  const favours = biased.length === 0 ? '' : `; judges differently: ${biased.join(', ')}`;
  const seen = `agreement ${formatShare(agreement.value)}${kappa ? `, kappa ${formatNumber(kappa.value)} (${formatInterval(kappa.interval)})` : ''}, ${n} labels in ${clusters} clusters${favours}`;
  const weak = (why: string) => ({ verdict: 'weak', reason: `${why}; ${seen}` }) as const;
  if (n < floors.untiedCases || clusters < floors.clusters)
    return weak(`too few labels, expected ${floors.untiedCases} in ${floors.clusters} clusters`);
  if (kappa === null) return weak('people or judge gave one rating throughout: nothing tells them apart');
  const { low } = kappa.interval;
  if (low < leastKappa) return weak(`lower bound of kappa ${formatNumber(low)} < ${leastKappa}`);
  return { verdict: 'calibrated', reason: `lower bound of kappa ${formatNumber(low)} >= ${leastKappa}; ${seen}` };
}
