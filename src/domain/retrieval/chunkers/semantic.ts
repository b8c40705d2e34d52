import { sentenceSpans } from './sentences.js';
import { chunkRecursively } from './recursive.js';
import { joinParts, type ChunkSize, type Span } from './piece.js';

/** A break stands where the distance between neighbours is above this share of all distances of the text. */
const breakAbove = 0.9;

/**
 * Sentences that speak of the same, kept together: a chunk ends where the next sentence is unusually far from the one
 * before, or where the size is reached. `vectors` are those of `sentenceSpans(text)`, of length 1, in order (the method
 * of percentile breakpoints, Kamradt 2023, "5 Levels of Text Splitting").
 * @throws RangeError where sentences and vectors are not as many
 */
export function chunkBySemantics({
  text,
  vectors,
  size,
}: {
  text: string;
  vectors: readonly Float32Array[];
  size: ChunkSize;
}): Span[] {
  const sentences = sentenceSpans({ text });
  if (sentences.length !== vectors.length)
    throw new RangeError(`${vectors.length} vectors for ${sentences.length} sentences; embed each sentence once`);
  const distances = vectors.slice(1).map((vector, index) => 1 - dot(vector, vectors[index]!));
  const limit = [...distances].sort((one, other) => one - other)[Math.floor(breakAbove * distances.length)] ?? 1;
  const groups: Span[][] = [[]];
  for (const [index, span] of sentences.entries()) {
    if (index > 0 && distances[index - 1]! > limit) groups.push([]);
    groups.at(-1)!.push(span);
  }
  return groups.flatMap((parts) =>
    joinParts({
      text,
      size,
      parts: parts.flatMap((span) =>
        size.measure(text.slice(span.start, span.end)) <= size.size ? [span] : chunkRecursively({ text, span, size }),
      ),
    }),
  );
}

const dot = (one: Float32Array, other: Float32Array): number => {
  let sum = 0;
  for (let index = 0; index < one.length; index += 1) sum += one[index]! * other[index]!;
  return sum;
};
