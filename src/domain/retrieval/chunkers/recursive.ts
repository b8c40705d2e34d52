import { joinParts, whole, type ChunkSize, type Span } from './piece.js';

/** From the strongest break to none: paragraphs, lines, sentences, words, characters. */
const separators = [/\n\s*\n/gu, /\n/gu, /(?<=[.!?…。！？])\s+/gu, /\s+/gu];

/** Cuts where a separator ends, so that no character is lost. */
function cut({ text, span, separator }: { text: string; span: Span; separator: RegExp }): Span[] {
  const parts: Span[] = [];
  let start = span.start;
  for (const { 0: found, index } of text.slice(span.start, span.end).matchAll(separator)) {
    const end = span.start + index + found.length;
    if (end > start && end < span.end) {
      parts.push({ start, end });
      start = end;
    }
  }
  return [...parts, { start, end: span.end }];
}

function cutByLength({ text, span, size }: { text: string; span: Span; size: ChunkSize }): Span[] {
  const parts: Span[] = [];
  let start = span.start;
  while (start < span.end) {
    let low = start + 1;
    let high = span.end;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (size.measure(text.slice(start, middle)) <= size.size) low = middle;
      else high = middle - 1;
    }
    const kept = whole(text, low);
    const end = kept > start ? kept : Math.min(low + 1, span.end);
    parts.push({ start, end });
    start = end;
  }
  return parts;
}

function partsOf(input: { text: string; span: Span; size: ChunkSize; level: number }): Span[] {
  const { text, span, size, level } = input;
  if (size.measure(text.slice(span.start, span.end)) <= size.size) return [span];
  const separator = separators[level];
  if (!separator) return cutByLength({ text, span, size });
  const parts = cut({ text, span, separator });
  return parts.flatMap((part) => partsOf({ text, span: part, size, level: level + 1 }));
}

/** Pieces along the strongest breaks that keep them within the size: paragraphs before lines before sentences before words. */
export const chunkRecursively = ({
  text,
  span = { start: 0, end: text.length },
  size,
}: {
  text: string;
  span?: Span;
  size: ChunkSize;
}): Span[] => joinParts({ text, parts: partsOf({ text, span, size, level: 0 }), size });
