import { findLeaks } from '../dataset/redaction/find-leaks.js';

/** Letters and digits alone, since the same number is written in many ways. */
export const bareText = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** The types of personal data in a text, split by whether one of the known texts has the same value. */
export function leakedIn({ text, known }: { text: string; known: readonly string[] }): {
  leaked: string[];
  known: string[];
} {
  const found = findLeaks({ text });
  const bare = found.length === 0 ? [] : known.map(bareText);
  const isKnown = ({ start, end }: { start: number; end: number }): boolean => {
    const value = bareText(text.slice(start, end));
    return bare.some((one) => one.includes(value));
  };
  return {
    leaked: found.filter((span) => !isKnown(span)).map(({ type }) => type),
    known: found.filter(isKnown).map(({ type }) => type),
  };
}
