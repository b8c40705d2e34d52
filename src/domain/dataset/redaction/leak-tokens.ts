import { withBlankPlaceholders } from './placeholders.js';

/** A word of a text: what stands between white space, without the punctuation around it. */
export interface Token {
  text: string;
  start: number;
  end: number;
  /** Whether a single space, and nothing else, parts it from the word before. */
  joined: boolean;
}

/** Stands where a placeholder was: a word of its own, so that nothing joins over it. */
export const wall = '|';
const word = /\||[^\s,;<>"|]+/gu;
const edges = /^[^\p{L}\p{N}+:]+|[^\p{L}\p{N}]+$/gu;

/** The words of a text, with walls where placeholders were. */
export function tokensOf(original: string): Token[] {
  const text = withBlankPlaceholders(original);
  const tokens: Token[] = [];
  for (const match of text.matchAll(word)) {
    const trimmed = match[0] === wall ? wall : match[0].replace(edges, '');
    if (trimmed === '') continue;
    const start = match.index + match[0].indexOf(trimmed);
    const between = text.slice(tokens.at(-1)?.end ?? 0, start);
    tokens.push({ text: trimmed, start, end: start + trimmed.length, joined: /^[ \u00a0]$/.test(between) });
  }
  return tokens;
}
