import { z } from 'zod';
import { type ArtifactStore, PortError } from '../activities/ports.js';
import { type ArtifactRef, refKey } from '../domain/artifact-ref.js';

const manifestName = 'adapter-files.json';

const fileSchema = z.object({
  name: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().min(0),
});
export type AdapterFile = z.infer<typeof fileSchema>;
const manifestSchema = z.object({ files: z.array(fileSchema).min(1) });

/** Where an adapter's manifest stands: beside its files, and the adapter's reference points at it. */
export const manifestKey = (prefix: string): string => `${prefix}/${manifestName}`;

/** The manifest's bytes: every file with its digest, in order, so that one digest stands for the whole adapter. */
export function adapterManifest(files: readonly AdapterFile[]): Uint8Array {
  const ordered = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  return Buffer.from(`${JSON.stringify({ files: ordered }, null, 2)}\n`);
}

/**
 * The store keys of an adapter's files, from its reference. Rejects with type `NotFound`, or with `DigestMismatch`
 * where the manifest is not the one that the reference names.
 */
export async function readAdapterManifest({
  store,
  adapter,
}: {
  store: ArtifactStore;
  adapter: ArtifactRef;
}): Promise<(AdapterFile & { key: string })[]> {
  const key = keyOf(adapter);
  const stored = await store.get({ key });
  if (!stored) throw new PortError('NotFound', `adapter ${adapter.uri}: nothing stands there`);
  if (stored.ref.sha256 !== adapter.sha256)
    throw new PortError(
      'DigestMismatch',
      `adapter ${adapter.uri}: sha256 ${stored.ref.sha256}, expected ${adapter.sha256}`,
    );
  const prefix = key.slice(0, -manifestName.length);
  return parse({ uri: adapter.uri, body: stored.body }).map((file) => ({ ...file, key: `${prefix}${file.name}` }));
}

function keyOf(adapter: ArtifactRef): string {
  try {
    const key = refKey(adapter);
    if (key.endsWith(`/${manifestName}`)) return key;
  } catch {
    // Not in the store at all: said below, in the same words.
  }
  throw new PortError(
    'InvalidInput',
    `adapter ${adapter.uri}: expected a manifest in the store, store://…/${manifestName}`,
  );
}

function parse({ uri, body }: { uri: string; body: Uint8Array }): AdapterFile[] {
  try {
    return manifestSchema.parse(JSON.parse(Buffer.from(body).toString())).files;
  } catch (error) {
    throw new PortError('InvalidInput', `adapter ${uri}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
