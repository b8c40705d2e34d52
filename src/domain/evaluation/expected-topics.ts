import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';
import { answerWords } from './words.js';

/** Share of the case's expected topics that the answer names. Unmeasured for a case that expects none. */
export const expectedTopics: Scorer = {
  metric: 'expectedTopics',
  better: 'higher',
  range: unitRange,
  needs: ['expectedTopics'],
  score: ({ case: { expectedTopics: topics = [] }, answer }) => {
    const wanted = topics.map((topic) => answerWords(topic).join(' ')).filter(Boolean);
    if (wanted.length === 0) return unmeasured('the case expects no topics');
    const text = ` ${answerWords(answer).join(' ')} `;
    const missing = wanted.filter((topic) => !text.includes(` ${topic} `));
    return scored(1 - missing.length / wanted.length, { missing: missing.join(', ') });
  },
};
