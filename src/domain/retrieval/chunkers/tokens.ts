import { trimmed, type Span } from './piece.js';

/** Where each token of a text stands; tokens that stand for no text are left out. */
export type TokenSpans = (text: string) => Span[];

/** Words and single marks: what stands in where no model's tokenizer is at hand; some three quarters of its tokens. */
export const wordSpans: TokenSpans = (text) =>
  [...text.matchAll(/[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}]/gu)].map(({ 0: found, index }) => ({
    start: index,
    end: index + found.length,
  }));

/** Runs of `size` tokens, each repeating the last `overlap` of the one before. */
export function chunkByTokens({
  text,
  size,
  overlap,
  tokens = wordSpans,
}: {
  text: string;
  size: number;
  overlap: number;
  tokens?: TokenSpans;
}): Span[] {
  const all = tokens(text);
  const spans: Span[] = [];
  for (let from = 0; from < all.length; from += size - overlap) {
    const last = all[Math.min(from + size, all.length) - 1]!;
    const span = trimmed({ text, span: { start: all[from]!.start, end: last.end } });
    if (span) spans.push(span);
    if (from + size >= all.length) break;
  }
  return spans;
}
