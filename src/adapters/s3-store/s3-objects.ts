import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';

/** Which objects a store stands for. */
export interface S3Place {
  client: S3Client;
  bucket: string;
  /** Without slashes at its ends; '' for the whole bucket. */
  prefix: string;
  /** Id or ARN of the KMS key that encrypts what is written; null for the bucket's own setting. */
  kmsKey: string | null;
}

/** The name of the metadata field that carries the SHA-256 of the whole object, in hexadecimal. */
export const digestField = 'sha256';

export const objectKey = ({ place, key }: { place: Pick<S3Place, 'prefix'>; key: string }): string =>
  place.prefix === '' ? key : `${place.prefix}/${key}`;

export const sha256Of = (body: Uint8Array): Buffer => createHash('sha256').update(body).digest();

/** What every write asks of the server. A composite checksum of parts is no digest of the whole, so that one is metadata. */
export const writeOptions = ({ place, sha256 }: { place: S3Place; sha256: string }) => ({
  Bucket: place.bucket,
  Metadata: { [digestField]: sha256 },
  ...(place.kmsKey === null ? {} : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: place.kmsKey }),
});

/**
 * The version of an object. The entity tag alone is a digest of the bytes, the same for the same bytes written again;
 * in a bucket with versioning the version id tells them apart.
 */
export const versionOf = ({
  ETag,
  VersionId,
}: {
  ETag?: string | undefined;
  VersionId?: string | undefined;
}): string => (VersionId === undefined || VersionId === 'null' ? ETag! : `${ETag!}@${VersionId}`);

/** The parts of a version; `versionId` null in a bucket without versioning. */
export function partsOfVersion(version: string): { entityTag: string; versionId: string | null } {
  const at = version.lastIndexOf('@');
  if (at < 0) return { entityTag: version, versionId: null };
  return { entityTag: version.slice(0, at), versionId: version.slice(at + 1) };
}
