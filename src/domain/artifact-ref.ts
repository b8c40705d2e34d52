import { z } from 'zod';

/** A pointer to data in the artifact store. Workflow payloads carry these, never the data. */
export const artifactRefSchema = z.object({
  uri: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().min(0),
});
export type ArtifactRef = z.infer<typeof artifactRefSchema>;

const scheme = 'store://';

/** The uri of a key of the artifact store. */
export const storeUri = (key: string): string => `${scheme}${key}`;

/** The store key behind a reference. Throws a `RangeError` for a reference to anything but the store. */
export function refKey(ref: Pick<ArtifactRef, 'uri'>): string {
  if (!ref.uri.startsWith(scheme) || ref.uri.length === scheme.length)
    throw new RangeError(`artifact uri ${ref.uri}: expected ${scheme}<key>, as the artifact store writes it`);
  return ref.uri.slice(scheme.length);
}
