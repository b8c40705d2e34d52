import { z } from 'zod';
import { storeKeys } from '../../contracts/store-keys.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import { shadowRowSchema, type ShadowRow } from '../../domain/rollout/shadow/shadow-row.js';
import type { ArtifactStore } from '../ports.js';
import { jsonLines } from '../stored-json.js';

const segmentRows = 1000;

/** A row with what the judge had cost in all when it was written. */
const storedRowSchema = z.object({ row: shadowRowSchema, spentUsd: z.number().min(0) });
type StoredRow = z.infer<typeof storedRowSchema>;

const folder = ({ releaseId }: { releaseId: string }): string => storeKeys.release({ releaseId, file: 'shadow/rows-' });

const segmentKey = ({ releaseId, segment }: { releaseId: string; segment: number }): string =>
  `${folder({ releaseId })}${String(segment).padStart(6, '0')}.jsonl`;

/** Rows of a shadow in the order in which they were judged. */
export interface RowLog {
  readonly rows: readonly ShadowRow[];
  readonly spentUsd: number;
  get(id: string): ShadowRow | undefined;
  /** Stored once this is done. */
  append(input: { rows: readonly ShadowRow[]; spentUsd: number }): Promise<void>;
  /** Where all of them lie. */
  refs(): Promise<ArtifactRef[]>;
}

/** Opens the rows of a release's shadow with those that an earlier attempt has stored. */
export async function openRowLog({ store, releaseId }: { store: ArtifactStore; releaseId: string }): Promise<RowLog> {
  const stored: StoredRow[] = [];
  for await (const { key } of store.list({ prefix: folder({ releaseId }) })) {
    const found = await store.get({ key });
    const lines = found ? Buffer.from(found.body).toString('utf8').split('\n') : [];
    for (const line of lines) if (line !== '') stored.push(storedRowSchema.parse(JSON.parse(line)));
  }
  const rows = stored.map(({ row }) => row);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const refs = new Map<number, ArtifactRef>();

  async function write(segment: number): Promise<void> {
    const body = jsonLines(stored.slice(segment * segmentRows, (segment + 1) * segmentRows));
    refs.set(segment, await store.put({ key: segmentKey({ releaseId, segment }), body }));
  }

  return {
    rows,
    get spentUsd() {
      return stored.at(-1)?.spentUsd ?? 0;
    },
    get: (id) => byId.get(id),
    append: async (input) => {
      if (input.rows.length === 0) return;
      const first = Math.floor(stored.length / segmentRows);
      for (const row of input.rows) {
        stored.push({ row, spentUsd: input.spentUsd });
        rows.push(row);
        byId.set(row.id, row);
      }
      const last = Math.floor((stored.length - 1) / segmentRows);
      for (let segment = first; segment <= last; segment += 1) await write(segment);
    },
    refs: async () => {
      const segments = Math.ceil(stored.length / segmentRows);
      for (let segment = 0; segment < segments; segment += 1) if (!refs.has(segment)) await write(segment);
      return Array.from({ length: segments }, (_, segment) => refs.get(segment)!);
    },
  };
}

/** The rows behind references, in order: what a shadow's verdict is computed from. */
export const rowsOfText = (text: string): ShadowRow[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => storedRowSchema.parse(JSON.parse(line)).row);
