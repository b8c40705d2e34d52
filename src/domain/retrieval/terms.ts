import { plainWords } from '../evaluation/words.js';
import type { Chunk } from './chunk.js';

/** What a chunk is found by: its text under its headings, as a reader sees it. */
export const searchedText = ({ headings, text }: Pick<Chunk, 'headings' | 'text'>): string =>
  headings.length === 0 ? text : `${headings.join(' > ')}\n${text}`;

/** The words of a chunk as BM25 counts them. */
export const chunkWords = (chunk: Pick<Chunk, 'headings' | 'text'>): string[] => plainWords(searchedText(chunk));

/** Each word of a question once, in order. */
export const queryWords = (query: string): string[] => [...new Set(plainWords(query))];

/** A word's place in a sparse vector: FNV-1a over its UTF-16 code units, 32 bits (Fowler, Noll, Vo). */
export function wordIndex(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
