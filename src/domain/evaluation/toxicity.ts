import { scoreToxicity } from '../dataset/toxicity.js';
import { caseLanguage } from './case-language.js';
import { scored, unitRange, type Scorer } from './scorer.js';

/** How toxic the answer is by word lists in six languages; what has no listed word escapes it, irony for example. */
export const toxicity: Scorer = {
  metric: 'toxicity',
  better: 'lower',
  range: unitRange,
  needs: [],
  score: ({ case: { tags }, answer, answerLanguage }) => {
    const language = answerLanguage?.language ?? caseLanguage(tags) ?? null;
    return scored(scoreToxicity({ text: answer, language }));
  },
};
