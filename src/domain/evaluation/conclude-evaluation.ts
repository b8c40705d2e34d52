import type { GoldenCase } from '../dataset/golden.js';
import { haltsOf, verdictOfFlag, type Flag } from '../release/review-flags.js';
import type { Verdict, VerdictKind } from '../release/verdict.js';
import type { GivenAnswer } from './answer.js';
import { decideOnScores, flagsOf } from './judge-answers.js';

export interface Conclusion {
  verdict: VerdictKind;
  /** Those that decide, then those that only inform. */
  verdicts: Verdict[];
  flags: Flag[];
  /** Why a person has to approve; empty where nothing is in the way. */
  halts: string[];
}

/**
 * Everything that an evaluation says, from what it stored: what the scores decide, and what people should look at. The
 * same input gives the same conclusion; by rules 1 nothing informs, as in what version 0.1.0 recorded.
 */
export function concludeEvaluation({
  cases,
  answers: { challenger, champion },
  ...given
}: Parameters<typeof decideOnScores>[0] & {
  cases: readonly GoldenCase[];
  answers: { challenger: readonly GivenAnswer[]; champion: readonly GivenAnswer[] | null };
}): Conclusion {
  const { verdict, verdicts } = decideOnScores(given);
  if (given.rules === 1) return { verdict, verdicts, flags: [], halts: [] };
  const flags = flagsOf({ cases, challenger, champion, judged: given.scores.challenger });
  const shown = flags.map((flag) => verdictOfFlag({ flag, evidence: given.evidence }));
  return { verdict, verdicts: [...verdicts, ...shown], flags, halts: haltsOf(flags) };
}
