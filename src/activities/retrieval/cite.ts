import { answerSentences, citeSentences, type CitedAnswer } from '../../domain/retrieval/citations.js';
import type { ScoredChunk } from '../../domain/retrieval/chunk.js';
import { searchedText } from '../../domain/retrieval/terms.js';
import type { Embedder } from '../embedder-port.js';

/** From so much overlap on, a sentence is its snippet's by its words alone. */
const plainFrom = 0.8;

const dot = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, index) => sum + value * other[index]!, 0);

/** Links an answer's sentences to what was found: by words where they leave no doubt, else by embeddings too. */
export async function cite({
  answer,
  found,
  embedder,
  signal,
}: {
  answer: string;
  found: readonly ScoredChunk[];
  embedder: Embedder;
  signal?: AbortSignal;
}): Promise<CitedAnswer> {
  const sentences = answerSentences(answer);
  if (found.length === 0) return { citations: [], unsupported: sentences };
  const byWords = citeSentences({ sentences, chunks: found });
  const sure = byWords.citations.filter(({ score }) => score >= plainFrom);
  const doubtful = sentences.filter((sentence) => !sure.some((one) => one.sentence === sentence));
  if (doubtful.length === 0) return byWords;
  const texts = [...doubtful, ...found.map(({ chunk }) => searchedText(chunk))];
  const vectors = await embedder.embed({ texts, ...(signal ? { signal } : {}) });
  const byBoth = citeSentences({
    sentences: doubtful,
    chunks: found,
    cosine: ({ sentence, chunk }) => dot(vectors[sentence]!, vectors[doubtful.length + chunk]!),
  });
  const order = (sentence: string): number => sentences.indexOf(sentence);
  return {
    citations: [...sure, ...byBoth.citations].sort((one, other) => order(one.sentence) - order(other.sentence)),
    unsupported: byBoth.unsupported,
  };
}
