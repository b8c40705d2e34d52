import { scored, unitRange, type Scorer } from './scorer.js';

/** Ways in which models decline, at the beginning of an answer or of a sentence. */
const phrases = [
  /\bI(?:['’]m| am) (?:sorry|afraid),? (?:but )?I (?:can(?:no|['’])t|am (?:not able|unable)|won['’]t|do(?:n['’]t| not) have)\b/iu,
  /\bI (?:can(?:no|['’])t|could(?: not|n['’]t)|am (?:not able|unable) to|['’]m (?:not able|unable) to|will not|won['’]t|must decline to) (?:help|assist|answer|provide|comply|discuss|fulfil|respond|do that|share)\b/iu,
  /\bI(?:['’]m| am) (?:not able|unable) to (?:help|assist|answer|provide|comply|discuss|fulfil|respond|do that|share)\b/iu,
  /\bas an? (?:AI|artificial intelligence|(?:large )?language model)\b/iu,
  /\bI (?:do not|don['’]t) have (?:access to|enough information|the information|information about)\b/iu,
];

/** The words with which a text declines to answer (in English); null where it does not. */
export const declines = (text: string): string | null =>
  phrases.map((phrase) => phrase.exec(text)?.[0]).find((found) => found !== undefined) ?? null;

/** 1 where the answer declines to answer (in English), else 0. */
export const refusal: Scorer = {
  metric: 'refusal',
  better: 'lower',
  range: unitRange,
  needs: [],
  score: ({ answer }) => {
    const found = declines(answer);
    return found === null ? scored(0) : scored(1, { phrase: found });
  },
};
