import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ArtifactStore } from '../activities/ports.js';
import { storeKeys } from '../contracts/store-keys.js';
import { createContaminationIndex } from '../domain/dataset/contamination-index.js';
import { readGoldenCases } from '../domain/dataset/golden.js';
import { checkPreferences } from '../domain/dataset/preferences.js';
import { sha256Hex } from '../domain/release/evidence.js';
import type { ModelSpec, SpecProblem } from '../domain/spec/model-spec.js';
import type { Specification } from '../domain/spec/specification.js';

const mostProblems = 50;

/**
 * The file that `training.preferences` names, with what is wrong with it: rows that can't be read, and rows that hold
 * a case of the golden set. A null body where the spec names none or it can't be read.
 */
export async function readPreferenceFile({
  spec,
  path,
  golden,
}: {
  spec: ModelSpec;
  /** Where it lies; null where the spec names none. */
  path: string | null;
  golden: Uint8Array;
}): Promise<{ body: Buffer | null; problems: SpecProblem[] }> {
  if (path === null) return { body: null, problems: [] };
  const field = 'training.preferences.file';
  const read = await readFile(path).catch((error: unknown) => error as Error);
  if (read instanceof Error)
    return { body: null, problems: [{ path: field, value: path, expected: `a readable file; ${read.message}` }] };
  const { problems } = checkPreferences({
    text: read.toString('utf8'),
    golden: createContaminationIndex({ golden: readGoldenCases({ text: Buffer.from(golden).toString('utf8') }).cases }),
    removeAt: spec.data.contamination.removeAt,
  });
  const shown = problems.slice(0, mostProblems).map((one) => ({
    path: field,
    value: `${basename(path)}:${one.line} ${one.field}`,
    expected: one.expected,
  }));
  const more = problems.length - shown.length;
  if (more > 0) shown.push({ path: field, value: basename(path), expected: `${more} problems less besides these` });
  return { body: read, problems: shown };
}

/** Lays a spec's preferences into the store, where the training reads them; nothing where it names none. */
export async function keepPreferences({
  store,
  preferences,
}: {
  store: Pick<ArtifactStore, 'putIfAbsent'>;
  preferences: Buffer | null;
}): Promise<Pick<Specification, 'preferences'>> {
  if (preferences === null) return {};
  const key = storeKeys.preferences({ sha256: sha256Hex(preferences) });
  return { preferences: (await store.putIfAbsent({ key, body: preferences })).ref };
}
