import type { RowFilter } from './row-filters.js';
import { wordsOf } from './words.js';

const minimumQuestionWords = 5;
const minimumAnswerWords = 3;

/** Leaves out questions too short to ask anything and answers that are next to empty. */
export const withoutNoise: RowFilter = ({ ticket }) => {
  const asked = wordsOf(ticket.customer_query).length;
  if (asked < minimumQuestionWords) {
    const detail = `${asked} words < ${minimumQuestionWords}`;
    return { reason: 'shortQuestion', column: 'customer_query', detail };
  }
  const answered = wordsOf(ticket.agent_response).length;
  if (answered >= minimumAnswerWords) return null;
  return { reason: 'emptyAnswer', column: 'agent_response', detail: `${answered} words < ${minimumAnswerWords}` };
};
