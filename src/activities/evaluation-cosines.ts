import { z } from 'zod';
import { storeKeys } from '../contracts/store-keys.js';
import type { GoldenCase } from '../domain/dataset/golden.js';
import type { Answer, GivenAnswer } from '../domain/evaluation/answer.js';
import { cosine } from '../domain/evaluation/cosine.js';
import { digestOf } from '../domain/release/evidence.js';
import type { Embedder } from './embedder-port.js';
import { heartbeat } from './heartbeat.js';
import type { ArtifactStore } from './ports.js';

/** `evaluation/cosines.jsonl`: what the embedder said of each answer. */
export const cosineRowSchema = z.object({
  arm: z.enum(['challenger', 'champion']),
  id: z.string(),
  cosineToReference: z.number().optional(),
  cosineToChampion: z.number().optional(),
});
export type CosineRow = z.infer<typeof cosineRowSchema>;

interface Arms<One> {
  challenger: readonly One[];
  champion: readonly One[] | null;
}

/** Texts of one call: a killed worker embeds at most these anew. */
const textsPerBatch = 64;

/**
 * Cosines of every answer to its reference, and of the challenger's to the champion's. Vectors are kept by embedder and
 * texts, so that references and a champion's answers are embedded once. An empty answer says nothing: its cosine is 0.
 * @throws PortError of the embedder's own.
 */
export async function observeCosines({
  store,
  embedder,
  cases,
  answers: { challenger, champion },
}: {
  store: ArtifactStore;
  embedder: Embedder;
  cases: readonly GoldenCase[];
  answers: Arms<Answer>;
}): Promise<CosineRow[]> {
  const vectorsOf = (texts: Map<string, string>): Promise<Map<string, Float32Array>> =>
    embedAll({ store, embedder, texts });
  const references = await vectorsOf(new Map(cases.map((one) => [one.id, one.reference])));
  const ours = await vectorsOf(textsOf(challenger));
  const theirs = await vectorsOf(textsOf(champion ?? []));
  const cosineOf = (one: Float32Array | undefined, other: Float32Array | undefined): number | undefined =>
    one && other && (cosine({ one, other }) ?? undefined);
  const rowsOf = (arm: CosineRow['arm'], given: readonly Answer[], vectors: Map<string, Float32Array>): CosineRow[] =>
    given.flatMap(({ id, answer }) => {
      if (answer === null) return [];
      const said = answer.trim() !== '';
      const toReference = said ? cosineOf(vectors.get(id), references.get(id)) : 0;
      const toChampion = arm === 'challenger' && said ? cosineOf(vectors.get(id), theirs.get(id)) : undefined;
      return [
        {
          ...{ arm, id },
          ...(toReference !== undefined && { cosineToReference: toReference }),
          ...(toChampion !== undefined && { cosineToChampion: toChampion }),
        },
      ];
    });
  return [...rowsOf('challenger', challenger, ours), ...rowsOf('champion', champion ?? [], theirs)];
}

const textsOf = (answers: readonly Answer[]): Map<string, string> =>
  new Map(
    answers.flatMap(({ id, answer }) => (answer === null || answer.trim() === '' ? [] : [[id, answer] as const])),
  );

async function embedAll({
  store,
  embedder,
  texts,
}: {
  store: ArtifactStore;
  embedder: Embedder;
  texts: Map<string, string>;
}): Promise<Map<string, Float32Array>> {
  const wanted = [...new Set(texts.values())];
  const vectors = new Map<string, Float32Array>();
  for (let from = 0; from < wanted.length; from += textsPerBatch) {
    const batch = wanted.slice(from, from + textsPerBatch);
    const key = storeKeys.embeddings({ digest: digestOf({ embedder: embedder.id, texts: batch }) });
    const kept = await store.get({ key });
    const found = (kept && vectorsIn({ body: kept.body, dimension: embedder.dimension, count: batch.length })) ?? null;
    const embedded = found ?? (await embedder.embed({ texts: batch }));
    if (found === null) await store.put({ key, body: bytesOf(embedded) });
    for (const [index, text] of batch.entries()) vectors.set(text, embedded[index]!);
    heartbeat({ embedded: from + batch.length, of: wanted.length });
  }
  return new Map([...texts].map(([id, text]) => [id, vectors.get(text)!]));
}

function bytesOf(vectors: readonly Float32Array[]): Uint8Array {
  const all = Buffer.concat(
    vectors.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
  return new Uint8Array(all);
}

/** Null for a file that is not these vectors: they are embedded again. */
function vectorsIn({
  body,
  dimension,
  count,
}: {
  body: Uint8Array;
  dimension: number;
  count: number;
}): Float32Array[] | null {
  if (body.byteLength !== 4 * dimension * count) return null;
  const values = new Float32Array(body.slice().buffer);
  return Array.from({ length: count }, (_, index) => values.subarray(index * dimension, (index + 1) * dimension));
}

/** Both arms' answers with what the embedder said of them. */
export const armsWithCosines = <One extends GivenAnswer>({
  answers: { challenger, champion },
  rows,
}: {
  answers: Arms<One>;
  rows: readonly CosineRow[];
}): { challenger: One[]; champion: One[] | null } => ({
  challenger: withCosines({ answers: challenger, arm: 'challenger', rows }),
  champion: champion && withCosines({ answers: champion, arm: 'champion', rows }),
});

function withCosines<One extends GivenAnswer>({
  answers,
  arm,
  rows,
}: {
  answers: readonly One[];
  arm: CosineRow['arm'];
  rows: readonly CosineRow[];
}): One[] {
  const known = new Map(rows.flatMap((row) => (row.arm === arm ? [[row.id, row] as const] : [])));
  return answers.map((one) => {
    const { arm: _arm, id: _id, ...cosines } = known.get(one.id) ?? { arm, id: one.id };
    return { ...one, ...cosines };
  });
}
