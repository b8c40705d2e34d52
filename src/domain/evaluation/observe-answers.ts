import type { Answer } from './answer.js';
import { attachVariants } from './behaviour/generate-probes.js';
import type { Probe } from './behaviour/probe.js';
import { costOf, type TokenPrice } from './judge/budget.js';

/** The probes that an arm was asked, and what it answered to them. */
export interface AnsweredProbes {
  probes: readonly Probe[];
  answers: readonly Answer[];
}

/** Answers with what follows from what is known of them; what is not known is left out, so that it is unmeasured. */
export function observeAnswers({
  answers,
  price,
  probed,
  champion = null,
}: {
  answers: readonly Answer[];
  price: TokenPrice | null;
  /** Null where the arm was asked none. */
  probed: AnsweredProbes | null;
  /** The champion's answers to the same cases, for what is told by them. */
  champion?: readonly Answer[] | null;
}): Answer[] {
  const before = new Map((champion ?? []).map((one) => [one.id, one.answer]));
  const observed = answers.map((one): Answer => {
    const championAnswer = before.get(one.id);
    const costUsd = price && costOfAnswer({ answer: one, price });
    return {
      ...one,
      ...(typeof championAnswer === 'string' && { championAnswer }),
      ...(costUsd !== null && { costUsd }),
    };
  });
  return probed === null
    ? observed
    : attachVariants({ answers: observed, probes: probed.probes, probeAnswers: probed.answers });
}

/** Null where the endpoint counted no tokens: a text of none is a count that was not made. */
function costOfAnswer({
  answer: { answer, promptTokens, completionTokens },
  price,
}: {
  answer: Answer;
  price: TokenPrice;
}): number | null {
  if (answer === null || promptTokens === undefined || completionTokens === undefined) return null;
  if (promptTokens === 0 || (completionTokens === 0 && answer !== '')) return null;
  return costOf({ price, promptTokens, completionTokens });
}
