import { z } from 'zod';
import type { ArtifactRef } from '../artifact-ref.js';
import { diversityOf, type Diversity } from '../evaluation/diversity.js';
import type { ScoreRow } from '../evaluation/score-answers.js';
import { formatNames, formatNumber, formatShare } from '../statistics/format.js';
import type { JudgedMetric } from './judged-metric.js';
import type { Verdict } from './verdict.js';

/** Something a person should look at before the release goes on; it passes or fails nothing. */
export const flagSchema = z.object({
  flag: z.enum(['behaviourChange', 'diversityLoss', 'positionBias', 'judgeBias']),
  raised: z.boolean(),
  reason: z.string(),
  value: z.number().nullable(),
  limit: z.number(),
  n: z.number().int(),
  cases: z.array(z.string()).describe('the cases it is about'),
});
export type Flag = z.infer<typeof flagSchema>;

/** The flags that stop a release which nobody else would look at. */
const halting: readonly Flag['flag'][] = ['behaviourChange'];

/** Why a person has to approve, whatever the spec says of automatic approval; empty where nothing is in the way. */
export const haltsOf = (flags: readonly Flag[]): string[] =>
  flags.filter(({ flag, raised }) => raised && halting.includes(flag)).map(({ reason }) => reason);

/** A flag as people see it among the verdicts. */
export const verdictOfFlag = ({
  flag: { flag, raised, reason, value, limit, n },
  evidence,
}: {
  flag: Flag;
  evidence: ArtifactRef | null;
}): Verdict => ({
  gate: `flag ${flag}`,
  verdict: raised ? 'inconclusive' : 'pass',
  reason: raised && halting.includes(flag) ? `${reason}; a person has to approve` : reason,
  ...{ value, bound: null, limit, n, evidence },
  informs: true,
});

export const mostChanged = 0.05;
export const mostDiversityLost = 0.1;
export const mostTurned = 0.2;

/**
 * Share of the golden set on which the challenger no longer says what the champion said, by the scores of
 * `behaviourChange`. Over 5 % a person has to look, however much better the mean is. Cases without a score count as
 * changed: nobody saw that they are not.
 */
export function flagBehaviourChange({
  scores,
  limit = mostChanged,
}: {
  /** The challenger's scores. */
  scores: readonly ScoreRow[];
  limit?: number;
}): Flag {
  const rows = scores.filter((row) => row.metric === 'behaviourChange');
  const cases = rows.filter((row) => row.score !== 0).map((row) => row.id);
  const n = rows.length;
  const facts = { flag: 'behaviourChange', limit, n, cases } as const;
  if (n === 0)
    return { ...facts, raised: true, reason: 'behaviour: no case was compared with the champion', value: null };
  const value = cases.length / n;
  const raised = value > limit;
  const unseen = rows.filter((row) => row.score === null).length;
  const named = cases.length === 0 ? '' : `: ${formatNames(cases)}`;
  const reason = `behaviour: ${formatShare(value)} of ${n} cases answered otherwise than by the champion ${raised ? '>' : '<='} ${formatShare(limit)}, ${unseen} of them unmeasured${named}`;
  return { ...facts, raised, reason, value };
}

const measures = [
  ['distinct1', 'distinct words'],
  ['distinct2', 'distinct pairs of words'],
  ['uniqueAnswers', 'answers like no other'],
] as const satisfies readonly (readonly [keyof Diversity, string])[];

/**
 * Whether the challenger's answers are less varied than the champion's to the same cases: a relative loss of over 10 % of
 * distinct words, of distinct pairs of words (Li et al. 2016), or of answers that no other equals.
 */
export function flagDiversityLoss({
  champion,
  challenger,
  limit = mostDiversityLost,
}: {
  champion: readonly { id: string; answer: string | null }[];
  challenger: readonly { id: string; answer: string | null }[];
  limit?: number;
}): Flag {
  const ours = new Map(champion.flatMap((one) => (one.answer === null ? [] : [[one.id, one.answer] as const])));
  const both = challenger.filter((one) => one.answer !== null && ours.has(one.id));
  const before = diversityOf({ answers: both.map((one) => ours.get(one.id)!) });
  const after = diversityOf({ answers: both.map((one) => one.answer) });
  const losses = measures.flatMap(([measure, name]) => {
    const [was, is] = [before[measure], after[measure]];
    return was === null || is === null || was === 0 ? [] : [{ name, was, is, loss: 1 - is / was }];
  });
  const facts = { flag: 'diversityLoss', limit, n: both.length } as const;
  const [first, ...others] = losses;
  if (first === undefined)
    return { ...facts, cases: [], raised: true, reason: 'diversity: no case has an answer on both arms', value: null };
  const worst = others.reduce((most, one) => (one.loss > most.loss ? one : most), first);
  const raised = worst.loss > limit;
  const reason = `diversity: ${worst.name} ${formatNumber(worst.is)} against the champion's ${formatNumber(worst.was)}, loss ${formatShare(worst.loss)} ${raised ? '>' : '<='} ${formatShare(limit)}, ${both.length} cases`;
  return { ...facts, cases: [], raised, reason, value: worst.loss };
}

/**
 * Whether the judge of pairs went by the place of an answer: over a fifth of the pairs that it turned round when the order
 * was turned (Zheng et al. 2023). These count as ties, so that a comparison loses power and not its level.
 */
export function flagPositionBias({
  scores,
  limit = mostTurned,
}: {
  scores: readonly ScoreRow[];
  limit?: number;
}): Flag {
  const rows = scores.filter((row) => row.metric === 'pairwisePreference' && row.score !== null);
  const by = (place: string): ScoreRow[] => rows.filter((row) => row.details['positionBias'] === place);
  const [first, second] = [by('first'), by('second')];
  const cases = [...first, ...second].map((row) => row.id);
  const n = rows.length;
  const value = n === 0 ? null : cases.length / n;
  const raised = value === null || value > limit;
  const reason =
    value === null
      ? 'position: no pair was judged in both orders'
      : `position: the judge turned ${formatShare(value)} of ${n} pairs with their order ${raised ? '>' : '<='} ${formatShare(limit)}, ${first.length} for the first place and ${second.length} for the second`;
  return { flag: 'positionBias', raised, reason, value, limit, n, cases };
}

/** Whether the judge of a metric is known to judge a kind of answers otherwise than people do; labels on both arms take it out. */
export function flagJudgeBias({ judged }: { judged: readonly Pick<JudgedMetric, 'metric' | 'favours'>[] }): Flag {
  const biased = judged.flatMap(({ metric, favours = [] }) => (favours.length > 0 ? [{ metric, favours }] : []));
  const names = biased.map(({ metric, favours }) => `${metric} (${favours.join(', ')})`);
  return {
    ...{ flag: 'judgeBias', raised: biased.length > 0, value: biased.length, limit: 0, n: judged.length, cases: [] },
    reason:
      biased.length === 0
        ? `judge: no bias shown in ${judged.length} metrics`
        : `judge: judges otherwise than people do in ${formatNames(names)}; label both arms' answers to take it out`,
  };
}
