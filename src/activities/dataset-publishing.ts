import { type DeadLetter, deadLetterReasons } from '../domain/dataset/dead-letter.js';
import type { DatasetManifest } from '../domain/dataset/manifest.js';
import { chatExample, jsonLines, tableRow } from '../domain/dataset/render.js';
import type { Split } from '../domain/dataset/split.js';
import type { TicketRow } from '../domain/dataset/ticket.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { sha256Hex } from '../domain/release/evidence.js';
import type { Prompt } from '../domain/release/prompt.js';
import { type ArtifactStore, PortError } from './ports.js';

export interface PlacedRow {
  row: TicketRow;
  cluster: string;
  split: Split;
}

/** A file of a data set, ready to be written. */
export interface DatasetFile {
  file: string;
  body: Uint8Array;
  rows: number;
}

/** The files of a data set: what trains, what validates, the table behind them, and what was left out and why. */
export function datasetFiles({
  placed,
  letters,
  prompt,
}: {
  placed: readonly PlacedRow[];
  letters: readonly DeadLetter[];
  prompt: Prompt;
}): DatasetFile[] {
  const chats = (split: Split): unknown[] =>
    placed.filter((one) => one.split === split).map((one) => chatExample({ ticket: one.row.ticket, prompt }));
  const file = (name: string, rows: readonly unknown[]): DatasetFile => ({
    file: name,
    body: Buffer.from(jsonLines(rows), 'utf8'),
    rows: rows.length,
  });
  const inOrder = letters.toSorted(
    (one, other) =>
      one.row - other.row || deadLetterReasons.indexOf(one.reason) - deadLetterReasons.indexOf(other.reason),
  );
  return [
    file('train.jsonl', chats('train')),
    file('validation.jsonl', chats('validation')),
    file('rows.jsonl', placed.map(tableRow)),
    file('dead-letters.jsonl', inOrder),
  ];
}

/** What the manifest says about the files. */
export const describeFiles = (files: readonly DatasetFile[]): DatasetManifest['files'] =>
  files.map(({ file, body, rows }) => ({ file, sha256: sha256Hex(body), bytes: body.byteLength, rows }));

/**
 * Writes the files and, last, the manifest; what stands there already is left alone. A data set without a manifest is
 * none, so a run that broke off has published nothing.
 * @throws PortError `DigestMismatch` when other bytes stand at a key.
 */
export async function publishDataset({
  store,
  manifest,
  files,
}: {
  store: Pick<ArtifactStore, 'putIfAbsent'>;
  manifest: DatasetManifest;
  files: readonly DatasetFile[];
}): Promise<Record<'train' | 'validation' | 'table' | 'manifest', ArtifactRef>> {
  const { name, digest } = manifest;
  const write = async ({ file, body }: { file: string; body: Uint8Array }): Promise<ArtifactRef> => {
    const key = storeKeys.dataset({ name, digest, file });
    const { ref } = await store.putIfAbsent({ key, body });
    const expected = sha256Hex(body);
    if (ref.sha256 === expected) return ref;
    throw new PortError(
      'DigestMismatch',
      `${ref.uri}: SHA-256 is ${ref.sha256}, expected ${expected}; remove datasets/${name}/${digest} and prepare again`,
    );
  };
  const refs = new Map<string, ArtifactRef>();
  for (const file of files) refs.set(file.file, await write(file));
  const body = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`, 'utf8');
  const written = await write({ file: 'manifest.json', body });
  return {
    train: refs.get('train.jsonl')!,
    validation: refs.get('validation.jsonl')!,
    table: refs.get('rows.jsonl')!,
    manifest: written,
  };
}
