import { z } from 'zod';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { ArtifactStore } from './ports.js';
import { jsonLines } from './stored-json.js';

const segmentRows = 1000;

/** Rows in the order in which they were made, each with what had been spent in all when it was written. */
export interface StoredRows<Row> {
  readonly rows: readonly Row[];
  readonly spentUsd: number;
  get(id: string): Row | undefined;
  /** Stored once this is done. */
  append(input: { rows: readonly Row[]; spentUsd: number }): Promise<void>;
  /** Where all of them lie. */
  refs(): Promise<ArtifactRef[]>;
}

const stored = <Row>(row: z.ZodType<Row>) => z.object({ row, spentUsd: z.number().min(0) });

/** Opens the rows under `<prefix><n>.jsonl` with those that an earlier attempt has stored. */
export async function openStoredRows<Row extends { id: string }>({
  store,
  prefix,
  schema,
}: {
  store: ArtifactStore;
  prefix: string;
  schema: z.ZodType<Row>;
}): Promise<StoredRows<Row>> {
  const line = stored(schema);
  const kept: z.infer<typeof line>[] = [];
  for await (const { key } of store.list({ prefix })) {
    const found = await store.get({ key });
    kept.push(...linesOfText({ text: found ? Buffer.from(found.body).toString('utf8') : '', line }));
  }
  const rows = kept.map(({ row }) => row);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const refs = new Map<number, ArtifactRef>();

  async function write(segment: number): Promise<void> {
    const body = jsonLines(kept.slice(segment * segmentRows, (segment + 1) * segmentRows));
    const key = `${prefix}${String(segment).padStart(6, '0')}.jsonl`;
    refs.set(segment, await store.put({ key, body }));
  }

  return {
    rows,
    get spentUsd() {
      return kept.at(-1)?.spentUsd ?? 0;
    },
    get: (id) => byId.get(id),
    append: async (input) => {
      if (input.rows.length === 0) return;
      const first = Math.floor(kept.length / segmentRows);
      for (const row of input.rows) {
        kept.push({ row, spentUsd: input.spentUsd });
        rows.push(row);
        byId.set(row.id, row);
      }
      const last = Math.floor((kept.length - 1) / segmentRows);
      for (let segment = first; segment <= last; segment += 1) await write(segment);
    },
    refs: async () => {
      const segments = Math.ceil(kept.length / segmentRows);
      for (let segment = 0; segment < segments; segment += 1) if (!refs.has(segment)) await write(segment);
      return Array.from({ length: segments }, (_, segment) => refs.get(segment)!);
    },
  };
}

const linesOfText = <Line>({ text, line }: { text: string; line: z.ZodType<Line> }): Line[] =>
  text
    .split('\n')
    .filter((one) => one !== '')
    .map((one) => line.parse(JSON.parse(one)));

/** The rows of a stored text, in order. */
export const rowsOf = <Row>({ text, schema }: { text: string; schema: z.ZodType<Row> }): Row[] =>
  linesOfText({ text, line: stored(schema) }).map(({ row }) => row);
