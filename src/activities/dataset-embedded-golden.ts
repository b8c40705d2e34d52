import type { GoldenCase } from '../domain/dataset/golden.js';
import type { OpenEmbedder } from './embedder-port.js';
import { PortError } from './ports.js';

/** The golden question that a text means, and the cosine of both, -1..1. */
export interface EmbeddedOverlap {
  caseId: string;
  overlap: number;
}

/** Golden questions by what they mean, for rows that ask the same in other words. */
export interface EmbeddedGolden {
  /** What tells meaning: part of what a data set was made with. */
  embedder: string;
  /** The nearest question of each text. */
  nearest(texts: readonly string[]): Promise<EmbeddedOverlap[]>;
  /** From this cosine on a row goes. */
  removeAt: number;
}

/**
 * Embeds the golden questions once; null where the spec compares no meaning, or there is no case.
 * @throws PortError `InvalidInput` where the spec does and there is no embedder.
 */
export async function embedGolden({
  openEmbedder,
  embeddingAt,
  cases,
}: {
  openEmbedder: OpenEmbedder | null | undefined;
  embeddingAt: number | null;
  cases: readonly Pick<GoldenCase, 'id' | 'input'>[];
}): Promise<EmbeddedGolden | null> {
  if (embeddingAt === null || cases.length === 0) return null;
  if (!openEmbedder)
    throw new PortError(
      'InvalidInput',
      `data.contamination.embeddingAt is ${embeddingAt} and no embedder is configured: set UNDERSTUDY_EMBEDDING_MODEL where workers and understudy data build run, or leave it null`,
    );
  const embedder = await openEmbedder();
  const golden = await embedder.embed({ texts: cases.map(({ input }) => input) });
  const nearestOf = (vector: Float32Array): EmbeddedOverlap => {
    let best: EmbeddedOverlap = { caseId: cases[0]!.id, overlap: -Infinity };
    for (const [position, one] of golden.entries()) {
      let overlap = 0;
      for (let index = 0; index < one.length; index += 1) overlap += one[index]! * vector[index]!;
      if (overlap > best.overlap) best = { caseId: cases[position]!.id, overlap };
    }
    return best;
  };
  return {
    ...{ embedder: embedder.id, removeAt: embeddingAt },
    nearest: async (texts) => (await embedder.embed({ texts })).map(nearestOf),
  };
}

/** Items of one call: larger runs of the model gain nothing. */
const itemsAtOnce = 64;

/** Items in their order, each with the nearest golden question where `textOf` names a text to look at. */
export async function* withNearest<Item>({
  items,
  golden,
  textOf,
}: {
  items: AsyncIterable<Item>;
  golden: EmbeddedGolden | null;
  textOf: (item: Item) => string | null;
}): AsyncGenerator<{ item: Item; nearest: EmbeddedOverlap | null }> {
  let batch: Item[] = [];
  const looked = async () => {
    const texts = batch.map(textOf);
    const found = golden === null ? [] : await golden.nearest(texts.filter((text) => text !== null));
    let at = 0;
    const all = batch.map((item, index) => ({
      ...{ item, nearest: golden === null || texts[index] === null ? null : found[at++]! },
    }));
    batch = [];
    return all;
  };
  for await (const item of items) {
    batch.push(item);
    if (golden === null || batch.length === itemsAtOnce) yield* await looked();
  }
  if (batch.length > 0) yield* await looked();
}
