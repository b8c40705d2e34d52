import { type Chunk, type ScoredChunk } from './chunk.js';
import { chunkWords, queryWords, wordIndex } from './terms.js';

/** Usual settings: how soon a repeated word stops counting, and how much a long text is held back. */
const k1 = 1.2;
const b = 0.75;

const countsOf = (words: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};

const saturation = ({ count, length, average }: { count: number; length: number; average: number }): number =>
  (count * (k1 + 1)) / (count + k1 * (1 - b + (b * length) / average));

/**
 * BM25 of every chunk for a question, best first, chunks without any of its words left out (Robertson and Zaragoza 2009,
 * The Probabilistic Relevance Framework, section 3.1; idf as Lucene has it, never negative).
 */
export function rankByWords({ chunks, query }: { chunks: readonly Chunk[]; query: string }): ScoredChunk[] {
  const texts = chunks.map((chunk) => {
    const words = chunkWords(chunk);
    return { chunk, counts: countsOf(words), length: words.length };
  });
  const average = texts.reduce((sum, { length }) => sum + length, 0) / Math.max(1, texts.length) || 1;
  const idf = new Map<string, number>();
  for (const word of queryWords(query)) {
    const holding = texts.filter(({ counts }) => counts.has(word)).length;
    idf.set(word, Math.log(1 + (texts.length - holding + 0.5) / (holding + 0.5)));
  }
  return texts
    .map(({ chunk, counts, length }) => {
      let score = 0;
      for (const [word, weight] of idf) {
        const count = counts.get(word) ?? 0;
        if (count > 0) score += weight * saturation({ count, length, average });
      }
      return { chunk, score };
    })
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score || (one.chunk.id < other.chunk.id ? -1 : 1));
}

export interface SparseVector {
  indices: number[];
  values: number[];
}

/**
 * A chunk's side of BM25 as a sparse vector, for stores that multiply by the idf of their own rows. `averageWords` is a
 * fixed guess of the usual length: every vector of a collection must rest on the same one.
 */
export function sparseChunk({
  chunk,
  averageWords,
}: {
  chunk: Pick<Chunk, 'headings' | 'text'>;
  averageWords: number;
}): SparseVector {
  const words = chunkWords(chunk);
  const values = new Map<number, number>();
  for (const [word, count] of countsOf(words)) {
    const index = wordIndex(word);
    const value = saturation({ count, length: words.length, average: averageWords });
    values.set(index, (values.get(index) ?? 0) + value);
  }
  return sorted(values);
}

/** A question's side: each of its words once. */
export const sparseQuery = (query: string): SparseVector =>
  sorted(new Map(queryWords(query).map((word) => [wordIndex(word), 1])));

function sorted(values: Map<number, number>): SparseVector {
  const entries = [...values].sort(([one], [other]) => one - other);
  return { indices: entries.map(([index]) => index), values: entries.map(([, value]) => value) };
}
