import { plainWords } from '../evaluation/words.js';
import type { ScoredChunk } from './chunk.js';
import { sentenceSpans } from './chunkers/sentences.js';
import { contradicts } from './negation.js';

/** A sentence of an answer and the snippet that it stands on. */
export interface Citation {
  document: string;
  snippet: string;
  /** How much of the sentence the snippet supports, 0..1. */
  score: number;
  sentence: string;
}

export interface CitedAnswer {
  citations: Citation[];
  /** Sentences that no snippet supports. */
  unsupported: string[];
}

/** From here on a sentence counts as supported. */
const supportedFrom = 0.5;
const numberPattern = /\d/u;
const stopWords = new Set(
  'a an and are as at be by can for from has have i if in is it its of on or our so that the their then there this to was we will with you your'.split(
    ' ',
  ),
);

const contentWords = (text: string): string[] => plainWords(text).filter((word) => !stopWords.has(word));

/** Sentences of an answer that say something: courtesies without a word of substance are left out. */
export const answerSentences = (answer: string): string[] =>
  sentenceSpans({ text: answer })
    .map(({ start, end }) => answer.slice(start, end).trim())
    .filter((sentence) => contentWords(sentence).length >= 2);

/**
 * Links each sentence of an answer to the snippet that supports it best: the mean of the share of its words that the
 * snippet has and, where there are vectors, their cosine. A number in a sentence that stands in no snippet makes it
 * unsupported, whatever else agrees: a wrong time or price is the worst that a right-looking sentence can hold. So does a
 * "not" on one side alone.
 */
export function citeSentences({
  sentences,
  chunks,
  cosine,
}: {
  sentences: readonly string[];
  chunks: readonly ScoredChunk[];
  /** Cosine of a sentence and a chunk by their places, where both are embedded. */
  cosine?: (place: { sentence: number; chunk: number }) => number;
}): CitedAnswer {
  const held = chunks.map(({ chunk }) => new Set(plainWords([...chunk.headings, chunk.text].join(' '))));
  const citations: Citation[] = [];
  const unsupported: string[] = [];
  for (const [at, sentence] of sentences.entries()) {
    const words = contentWords(sentence);
    const numbers = words.filter((word) => numberPattern.test(word));
    const scores = held.map((known, chunk) => {
      if (!numbers.every((number) => known.has(number))) return 0;
      const overlap = words.filter((word) => known.has(word)).length / words.length;
      const score = cosine ? (overlap + Math.max(0, cosine({ sentence: at, chunk }))) / 2 : overlap;
      if (score < supportedFrom) return score;
      return contradicts({ sentence, snippet: chunks[chunk]!.chunk.text }) ? 0 : score;
    });
    const score = Math.max(0, ...scores);
    const best = chunks[scores.indexOf(score)];
    if (!best || score < supportedFrom) unsupported.push(sentence);
    else citations.push({ document: best.chunk.document, snippet: best.chunk.text, score, sentence });
  }
  return { citations, unsupported };
}
