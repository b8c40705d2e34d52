import type { ScoredChunk } from './chunk.js';
import { wordSpans } from './chunkers/tokens.js';

/** Tokens of a text at a guess, without a model's tokenizer: four thirds of its words and marks. */
export const estimatedTokens = (text: string): number => Math.ceil((wordSpans(text).length * 4) / 3);

/** The best chunks that fit into so many tokens, in their order; one that does not fit is left out, a later one may. */
export function withinBudget({
  ranked,
  tokens,
  tokensOf = estimatedTokens,
}: {
  ranked: readonly ScoredChunk[];
  tokens: number;
  tokensOf?: (text: string) => number;
}): ScoredChunk[] {
  let left = tokens;
  return ranked.filter(({ chunk }) => {
    const needed = tokensOf(snippetText(chunk));
    if (needed > left) return false;
    left -= needed;
    return true;
  });
}

/**
 * The best at both ends, the least in the middle, where models overlook it (Liu et al. 2023, Lost in the Middle, section
 * 2.3): 1, 3, 5, ... 6, 4, 2.
 */
export const bestAtTheEnds = <Item>(ranked: readonly Item[]): Item[] => [
  ...ranked.filter((_, index) => index % 2 === 0),
  ...ranked.filter((_, index) => index % 2 === 1).reverse(),
];

const snippetText = ({ headings, text }: ScoredChunk['chunk']): string =>
  headings.length === 0 ? text : `${headings.join(' > ')}: ${text}`;

/** The context of a prompt: one numbered snippet a line, on one line each, so that a snippet can't pose as another. */
export const contextText = (ranked: readonly ScoredChunk[]): string =>
  ranked.map(({ chunk }, index) => `[${index + 1}] ${snippetText(chunk).replace(/\s+/gu, ' ').trim()}`).join('\n');
