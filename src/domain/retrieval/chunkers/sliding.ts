import { trimmed, whole, type Span } from './piece.js';

/** Windows of a fixed number of characters, each beginning `size - overlap` after the one before, wherever that is. */
export function chunkBySlidingWindow({ text, size, overlap }: { text: string; size: number; overlap: number }): Span[] {
  const spans: Span[] = [];
  for (let from = 0; from < text.length; from += size - overlap) {
    const end = from + size >= text.length ? text.length : whole(text, from + size);
    const span = trimmed({ text, span: { start: whole(text, from), end } });
    // Two windows of a few characters may hold the same one.
    if (span && span.end > (spans.at(-1)?.end ?? 0)) spans.push(span);
    if (from + size >= text.length) break;
  }
  return spans;
}
