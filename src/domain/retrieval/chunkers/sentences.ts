import { chunkRecursively } from './recursive.js';
import { joinParts, type ChunkSize, type Span } from './piece.js';

/** Making one takes longer than cutting a sentence. */
const segmenter = new Intl.Segmenter('und', { granularity: 'sentence' });

/** The sentences of a text with the blanks after them (Unicode Standard Annex 29, by the runtime's own tables). */
export const sentenceSpans = ({ text }: { text: string }): Span[] =>
  [...segmenter.segment(text)].map(({ index, segment }) => ({ start: index, end: index + segment.length }));

/** Whole sentences, as many as fit; one that is longer than a chunk is cut as `chunkRecursively` does. */
export function chunkBySentences({ text, size }: { text: string; size: ChunkSize }): Span[] {
  const parts = sentenceSpans({ text }).flatMap((span) =>
    size.measure(text.slice(span.start, span.end)) <= size.size ? [span] : chunkRecursively({ text, span, size }),
  );
  return joinParts({ text, parts, size });
}
