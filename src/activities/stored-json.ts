import type { z } from 'zod';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { ArtifactStore } from './ports.js';
import { loadVerified } from './specifications.js';

export async function loadJson<T>({
  store,
  ref,
  schema,
}: {
  store: ArtifactStore;
  ref: ArtifactRef;
  schema: z.ZodType<T>;
}): Promise<T> {
  return schema.parse(JSON.parse(Buffer.from(await loadVerified({ store, ref })).toString('utf8')));
}

export async function loadJsonLines<T>({
  store,
  ref,
  schema,
}: {
  store: ArtifactStore;
  ref: ArtifactRef;
  schema: z.ZodType<T>;
}): Promise<T[]> {
  const text = Buffer.from(await loadVerified({ store, ref })).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => schema.parse(JSON.parse(line)));
}

export const jsonLines = (rows: readonly unknown[]): Uint8Array =>
  Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
