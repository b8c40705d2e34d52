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

export interface Noise {
  reason: 'tooShort' | 'repeatedCharacters' | 'spam';
  detail: string;
}

/** Why a text teaches nothing, or null. Placeholders of redacted values are no words. */
export function noiseIn({ text, minimumWords }: { text: string; minimumWords: number }): Noise | null {
  const words = wordsOf(text).length;
  return words < minimumWords ? { reason: 'tooShort', detail: `${words} words < ${minimumWords}` } : null;
}
