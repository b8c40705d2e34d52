import type { GoldenCase } from '../dataset/golden.js';
import { flagJudgeBias, haltsOf, verdictOfFlag, type Flag } from '../release/review-flags.js';
import type { Verdict, VerdictKind } from '../release/verdict.js';
import type { GivenAnswer } from './answer.js';
import { decideOnScores, flagsOf, type ScoresDecision } from './judge-answers.js';
import type { LeftOut } from './presets.js';

export interface Conclusion {
  verdict: VerdictKind;
  /** Those that decide, then those that only inform. */
  verdicts: Verdict[];
  flags: Flag[];
  /** Why a person has to approve; empty where nothing is in the way. */
  halts: string[];
  /** Both ends of what each gate was decided on. */
  intervals: ScoresDecision['intervals'];
  /** Why it ended at this look; null where all cases were asked at once. */
  ended: NonNullable<ScoresDecision['look']> | null;
}

/**
 * Everything that an evaluation says, from what it stored: what the scores decide, what was left out, where it ended, and
 * what people should look at. The same input gives the same conclusion; by rules 1 nothing informs, as in what version
 * 0.1.0 recorded.
 * @param cases those that were asked.
 */
export function concludeEvaluation({
  cases,
  answers: { challenger, champion },
  leftOut,
  ...given
}: Omit<Parameters<typeof decideOnScores>[0], 'leftOut'> & {
  cases: readonly GoldenCase[];
  answers: { challenger: readonly GivenAnswer[]; champion: readonly GivenAnswer[] | null };
  leftOut?: readonly LeftOut[] | undefined;
}): Conclusion {
  const decided = decideOnScores({ ...given, ...(leftOut && { leftOut: leftOut.map(({ metric }) => metric) }) });
  const { verdict, verdicts, intervals, look: ended = null } = decided;
  if (given.rules === 1) return { verdict, verdicts, flags: [], halts: [], intervals, ended };
  const calibrated = (given.judged ?? []).filter(({ standing }) => standing === 'calibrated');
  const flags = [
    ...flagsOf({ cases, challenger, champion, judged: given.scores.challenger }),
    ...(calibrated.length > 0 ? [flagJudgeBias({ judged: calibrated })] : []),
  ];
  const shown = [
    ...(ended ? [shownOnly({ gate: 'early looks', verdict, reason: ended.reason, n: cases.length })] : []),
    ...(leftOut ?? []).map(({ metric, reason }) =>
      shownOnly({ gate: `left out ${metric}`, verdict: 'unmeasured', reason: `${metric}: ${reason}`, n: 0 }),
    ),
    ...flags.map((flag) => verdictOfFlag({ flag, evidence: given.evidence })),
  ];
  return { verdict, verdicts: [...verdicts, ...shown], flags, halts: haltsOf(flags), intervals, ended };
}

const shownOnly = (one: Pick<Verdict, 'gate' | 'verdict' | 'reason' | 'n'>): Verdict => ({
  ...one,
  ...{ value: null, bound: null, limit: null, evidence: null },
  informs: true,
});
