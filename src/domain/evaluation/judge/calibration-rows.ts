import type { CalibrationRow } from '../judge-calibration.js';

/** An answer that people and the judge scored, on the judge's scale. */
export interface ScoredTwice {
  id: string;
  cluster: string;
  answer: string;
  human: number;
  judge: number | null;
}

const listItem = /^\s*(?:[-*•]|\d+[.)])\s/;
const apology = /\b(?:sorry|apolog|entschuldig|leid|désolé|excus|lo siento|disculp|scus|mi dispiace|spijt)/i;

/** How an answer is written, as far as a judge may favour it: a list, an apology, or plain prose. */
export function styleOf(answer: string): 'list' | 'apology' | 'prose' {
  const items = answer.split('\n').filter((line) => listItem.test(line)).length;
  if (items >= 2) return 'list';
  return apology.test(answer) ? 'apology' : 'prose';
}

/**
 * What a calibration is made from. Ratings stay as they are; shares and choices become a yes or no at `passAt`: people
 * and judge seldom count the same claims, and what matters is whether they agree that an answer is good enough.
 */
export function calibrationRows({
  scored,
  ordered,
  passAt,
}: {
  scored: readonly ScoredTwice[];
  ordered: boolean;
  passAt: number;
}): CalibrationRow[] {
  const rating = (score: number): number => (ordered ? score : Number(score >= passAt));
  return scored.map(({ id, cluster, answer, human, judge }) => ({
    ...{ id, cluster, human: rating(human), judge: judge === null ? null : rating(judge) },
    ...{ length: answer.length, style: styleOf(answer), position: null },
  }));
}
