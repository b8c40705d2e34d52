import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';
import { answerWords } from './words.js';

/** Share of the case's forbidden phrases that the answer says, word by word, but for case, punctuation and articles. */
export const forbiddenPhrases: Scorer = {
  metric: 'forbiddenPhrases',
  better: 'lower',
  range: unitRange,
  needs: ['expected.forbiddenPhrases'],
  score: ({ case: { expected }, answer }) => {
    const phrases = (expected?.forbiddenPhrases ?? []).map((one) => answerWords(one).join(' ')).filter(Boolean);
    if (phrases.length === 0) return unmeasured('the case forbids no phrase');
    const text = ` ${answerWords(answer).join(' ')} `;
    const said = phrases.filter((phrase) => text.includes(` ${phrase} `));
    return scored(said.length / phrases.length, { said: said.join(', ') });
  },
};
