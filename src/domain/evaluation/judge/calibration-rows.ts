import type { CalibrationRow } from '../judge-calibration.js';

/** An answer that people and the judge scored, on the judge's scale. */
export interface ScoredTwice {
  id: string;
  cluster: string;
  answer: string;
  human: number;
  judge: number | null;
  /** Of a pair: the judge's score where the answer stood first, and second. */
  places: { first: number; second: number } | null;
}

const listItem = /^\s*(?:[-*•]|\d+[.)])\s/;
const apology = /\b(?:sorry|apolog|entschuldig|leid|désolé|excus|lo siento|disculp|scus|mi dispiace|spijt)/i;

/** How an answer is written, as far as a judge may favour it: a list, an apology, or plain prose. */
export function styleOf(answer: string): 'list' | 'apology' | 'prose' {
  const items = answer.split('\n').filter((line) => listItem.test(line)).length;
  if (items >= 2) return 'list';
  return apology.test(answer) ? 'apology' : 'prose';
}

/** What a calibration is made from: the scores as they are, and what the judge may favour an answer for; of two, the place. */
export const calibrationRows = ({ scored }: { scored: readonly ScoredTwice[] }): CalibrationRow[] =>
  scored.map(({ answer, ...one }) => ({
    ...one,
    ...(one.places === null ? { length: answer.length, style: styleOf(answer) } : { length: null, style: null }),
  }));
