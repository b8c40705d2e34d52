import { caseLanguage } from './case-language.js';
import { leastConfidence } from './language-match.js';
import { scored, unitRange, unmeasured, type AnswerToScore, type Scorer } from './scorer.js';

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

/** Whether an answer is known to be in another language than the phrases: as detected, as its case says, or by its script. */
function isForeign({ answer, answerLanguage, case: { tags } }: AnswerToScore): boolean {
  const detected = answerLanguage && answerLanguage.confidence >= leastConfidence ? answerLanguage.language : null;
  const language = detected ?? caseLanguage(tags) ?? 'en';
  return language !== 'en' || (/\p{L}/u.test(answer) && !/\p{Script=Latin}/u.test(answer));
}

/** 1 where the answer declines to answer (in English), else 0; in another language no phrase found is no measurement. */
export const refusal: Scorer = {
  metric: 'refusal',
  better: 'lower',
  range: unitRange,
  needs: [],
  score: (input) => {
    const found = declines(input.answer);
    if (found !== null) return scored(1, { phrase: found });
    return isForeign(input) ? unmeasured('the answer is not in English, whose refusals alone are known') : scored(0);
  },
};
