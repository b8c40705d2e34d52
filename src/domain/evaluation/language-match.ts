import { caseLanguage } from './case-language.js';
import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';

/** Under this the detector is guessing, on answers of a word or two for example. */
export const leastConfidence = 0.6;

/**
 * Whether the answer is in the language the case expects: `expected.language`, or else its tag `language`. The answer's
 * language is an observation, since the detector's tables are large; an unsure one is unmeasured.
 */
export const languageMatch: Scorer = {
  metric: 'languageMatch',
  better: 'higher',
  range: unitRange,
  needs: ['answerLanguage'],
  score: ({ case: { expected, tags }, answerLanguage }) => {
    const wanted = expected?.language ?? caseLanguage(tags);
    if (wanted === undefined) return unmeasured('the case names no language');
    if (answerLanguage === undefined) return unmeasured("the answer's language was not detected");
    const { language, confidence } = answerLanguage;
    if (language === null || confidence < leastConfidence)
      return unmeasured(`the answer's language is unsure: confidence ${confidence.toFixed(2)} < ${leastConfidence}`);
    return scored(Number(language === wanted), { language, confidence });
  },
};
