import { diversityOf, type Diversity } from '../evaluation/diversity.js';
import type { ScoreRow } from '../evaluation/score-answers.js';
import { formatNames, formatNumber, formatShare } from '../statistics/format.js';

/** Something a person should look at before the release goes on; it passes or fails nothing. */
export interface Flag {
  flag: 'behaviourChange' | 'diversityLoss';
  raised: boolean;
  reason: string;
  value: number | null;
  limit: number;
  n: number;
  /** The cases it is about. */
  cases: string[];
}

export const mostChanged = 0.05;
export const mostDiversityLost = 0.1;

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
