import { refKey, type ArtifactRef } from '../domain/artifact-ref.js';
import { sha256Hex } from '../domain/release/evidence.js';
import { specificationSchema, type Specification } from '../domain/spec/specification.js';
import { type ArtifactStore, PortError } from './ports.js';

/**
 * Reads what a reference points at and proves that it is that.
 * @throws PortError `NotFound` when nothing stands there, `DigestMismatch` when other bytes do.
 */
export async function loadVerified({
  store,
  ref,
}: {
  store: Pick<ArtifactStore, 'get'>;
  ref: ArtifactRef;
}): Promise<Uint8Array> {
  const stored = await store.get({ key: refKey(ref) });
  if (stored === null)
    throw new PortError('NotFound', `${ref.uri}: nothing stands there; was the store moved or cleared?`);
  const found = sha256Hex(stored.body);
  if (found === ref.sha256) return stored.body;
  throw new PortError('DigestMismatch', `${ref.uri}: SHA-256 is ${found}, expected ${ref.sha256}; restore the object`);
}

/**
 * The specification behind a reference.
 * @throws PortError as `loadVerified`, and `InvalidInput` when it is none, naming the first fields that misfit.
 */
export async function loadSpecification({
  store,
  ref,
}: {
  store: Pick<ArtifactStore, 'get'>;
  ref: ArtifactRef;
}): Promise<Specification> {
  const body = await loadVerified({ store, ref });
  const parsed = specificationSchema.safeParse(parseJson({ body, uri: ref.uri }));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new PortError('InvalidInput', `${ref.uri} is no specification: ${issues.join('; ')}. Apply the spec again`);
}

function parseJson({ body, uri }: { body: Uint8Array; uri: string }): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (error) {
    throw new PortError('InvalidInput', `${uri} is no JSON: ${(error as Error).message}`, null, { cause: error });
  }
}
