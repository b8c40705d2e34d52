import { sha256Hex } from '../../release/evidence.js';
import type { Chunk, FieldValue } from '../chunk.js';
import { chunkId } from '../chunk-id.js';
import { inCharacters, type ChunkSize, type Piece, type Span } from './piece.js';
import { chunkRecursively } from './recursive.js';
import { chunkBySections } from './sections.js';
import { chunkBySemantics } from './semantic.js';
import { chunkBySentences, sentenceSpans } from './sentences.js';
import { chunkBySlidingWindow } from './sliding.js';
import { chunkByTokens, wordSpans } from './tokens.js';

export const chunkKinds = ['recursive', 'tokens', 'sentences', 'sliding', 'sections', 'semantic'] as const;

/** How documents are cut; `unit` says what `size` and `overlap` count. */
export interface ChunkPlan {
  kind: (typeof chunkKinds)[number];
  size: number;
  overlap: number;
  unit: 'characters' | 'tokens';
}

/** A document as it is indexed: plain text or Markdown, and what filters may ask of it. */
export interface SourceDocument {
  /** Its name among the documents of its index, such as a path. */
  id: string;
  text: string;
  fields: Record<string, FieldValue>;
}

/** Embeds sentences in order; only semantic chunks need one. */
export type EmbedSentences = (texts: readonly string[]) => Promise<readonly Float32Array[]>;

const pieces = (spans: readonly Span[]): Piece[] => spans.map((span) => ({ ...span, headings: [] }));

/**
 * The chunks of a document. Each one's text is the document's between its offsets.
 * @throws RangeError for a plan whose overlap is not less than its size, and for semantic chunks without an embedder
 */
export async function chunkDocument({
  document: { id: document, text, fields },
  plan: { kind, size, overlap, unit },
  embed,
}: {
  document: SourceDocument;
  plan: ChunkPlan;
  embed?: EmbedSentences;
}): Promise<Chunk[]> {
  if (overlap >= size)
    throw new RangeError(`an overlap of ${overlap} with a size of ${size}: expected less than the size`);
  const measure = unit === 'characters' ? inCharacters : (part: string) => wordSpans(part).length;
  const limits: ChunkSize = { size, overlap, measure };
  const found = await spansOf();
  const version = sha256Hex(text);
  return found.map(({ start, end, headings }) => ({
    id: chunkId({ document, version, start, end }),
    ...{ document, version, start, end, headings, text: text.slice(start, end), fields },
  }));

  async function spansOf(): Promise<Piece[]> {
    switch (kind) {
      case 'recursive':
        return pieces(chunkRecursively({ text, size: limits }));
      case 'sentences':
        return pieces(chunkBySentences({ text, size: limits }));
      case 'tokens':
        return pieces(chunkByTokens({ text, size, overlap }));
      case 'sliding':
        return pieces(
          unit === 'characters'
            ? chunkBySlidingWindow({ text, size, overlap })
            : chunkByTokens({ text, size, overlap }),
        );
      case 'sections':
        return chunkBySections({ text, size: limits });
      case 'semantic': {
        if (!embed) throw new RangeError('semantic chunks need an embedder');
        const sentences = sentenceSpans({ text }).map(({ start, end }) => text.slice(start, end));
        return pieces(chunkBySemantics({ text, vectors: await embed(sentences), size: limits }));
      }
    }
  }
}
