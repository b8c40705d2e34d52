import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { HeadObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { pack, type Pack } from 'tar-stream';
import { PortError } from '../../activities/ports.js';
import { awsErrorOf, awsFailure } from '../aws/aws-failure.js';
import { readRanges } from '../s3-store/s3-download.js';
import { objectKey, type S3Place } from '../s3-store/s3-objects.js';

/** Two parts of 16 MiB are under way at once, and up to 156 GiB lie in S3's 10,000 parts. */
const partBytes = 16 * 1024 * 1024;
const partsAtOnce = 2;
/** Weights hardly shrink, and SageMaker asks for gzip all the same: stored, not compressed. */
const compression = 0;

/** A file of an archive, and where it lies. */
export interface ArchivedFile {
  /** Its path within the archive. */
  name: string;
  bucket: string;
  key: string;
  bytes: number;
  entityTag: string;
  /** Null where nobody has written one down. */
  sha256: string | null;
}

/** Digest of what an archive holds, by which it is named: the same files have the same archive. */
export const archiveDigest = (files: readonly ArchivedFile[]): string =>
  createHash('sha256')
    .update(JSON.stringify(files.map(({ name, bytes, entityTag, sha256 }) => [name, bytes, sha256 ?? entityTag])))
    .digest('hex')
    .slice(0, 16);

/**
 * The files of a folder in S3, as `folder/` of an archive, by name. Rejects with `NotFound` where nothing lies there.
 * `uri` ends in a slash.
 */
export async function filesBelow({
  client,
  uri,
  folder,
}: {
  client: S3Client;
  uri: string;
  folder: string;
}): Promise<ArchivedFile[]> {
  const { hostname: bucket, pathname } = new URL(uri);
  const prefix = decodeURIComponent(pathname.slice(1));
  const files: ArchivedFile[] = [];
  try {
    for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }))
      for (const { Key: key = '', Size: bytes = 0, ETag: entityTag = '' } of Contents ?? [])
        if (!key.endsWith('/'))
          files.push({ name: `${folder}/${key.slice(prefix.length)}`, bucket, key, bytes, entityTag, sha256: null });
  } catch (error) {
    throw awsFailure({ what: `listing ${uri}`, error });
  }
  if (files.length === 0) throw new PortError('NotFound', `${uri}: nothing lies there, so there is nothing to pack`);
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Packs files of S3 into a `model.tar.gz` in the store, unless it is there: from S3 to S3 in constant memory, and
 * nothing of it on a disk. Rejects with `DigestMismatch` where a file is not what was written down, and with `Conflict`
 * where one was changed since it was listed; nothing is stored then. Rejects with the signal's reason once that aborts.
 */
export async function ensureArchive({
  place,
  key,
  files,
  signal,
}: {
  place: S3Place;
  key: string;
  files: readonly ArchivedFile[];
  signal: AbortSignal;
}): Promise<{ packed: boolean }> {
  const where = { Bucket: place.bucket, Key: objectKey({ place, key }) };
  const what = `packing ${key} in bucket ${place.bucket}`;
  try {
    if (await exists({ client: place.client, where })) return { packed: false };
    signal.throwIfAborted();
    const tar = pack();
    const gzip = createGzip({ level: compression });
    const { kmsKey } = place;
    const upload = new Upload({
      client: place.client,
      params: {
        ...{ ...where, Body: gzip, ChecksumAlgorithm: 'SHA256', IfNoneMatch: '*' },
        ...(kmsKey === null ? {} : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKey }),
      },
      ...{ partSize: partBytes, queueSize: partsAtOnce },
    });
    await together({
      ...{ upload, signal },
      streams: (both) => [
        fill({ tar, files, client: place.client, signal: both }),
        pipeline(tar, gzip, { signal: both }),
      ],
    });
    return { packed: true };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (awsErrorOf(error).status === 412) return { packed: false };
    throw awsFailure({ what, error });
  }
}

/** Where one of them fails the others end too, and no part of the archive is left behind. */
async function together({
  upload,
  signal,
  streams,
}: {
  upload: Upload;
  signal: AbortSignal;
  streams: (signal: AbortSignal) => Promise<void>[];
}): Promise<void> {
  const ending = new AbortController();
  const all = [...streams(AbortSignal.any([signal, ending.signal])), upload.done()];
  try {
    await Promise.all(all);
  } catch (error) {
    ending.abort(error);
    await upload.abort();
    await Promise.allSettled(all);
    throw error;
  }
}

async function exists({
  client,
  where,
}: {
  client: S3Client;
  where: { Bucket: string; Key: string };
}): Promise<boolean> {
  try {
    await client.send(new HeadObjectCommand(where));
    return true;
  } catch (error) {
    if (awsErrorOf(error).status === 404) return false;
    throw error;
  }
}

async function fill({
  tar,
  files,
  client,
  signal,
}: {
  tar: Pack;
  files: readonly ArchivedFile[];
  client: S3Client;
  signal: AbortSignal;
}): Promise<void> {
  try {
    for (const { name, bucket, key, bytes, entityTag, sha256 } of files) {
      const hash = createHash('sha256');
      const entry = tar.entry({ name, size: bytes, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 });
      const read = readRanges({ client, where: { Bucket: bucket, Key: key }, bytes, entityTag });
      const hashed = async function* () {
        try {
          for await (const chunk of read) {
            hash.update(chunk);
            yield chunk;
          }
        } catch (error) {
          if (awsErrorOf(error).status !== 412) throw error;
          throw new PortError('Conflict', `${key}: was changed while it was packed`, null, { cause: error });
        }
      };
      await pipeline(Readable.from(hashed()), entry, { signal });
      const found = hash.digest('hex');
      if (sha256 !== null && sha256 !== found)
        throw new PortError('DigestMismatch', `${key}: the bytes have SHA-256 ${found}; ${sha256} was written`);
    }
    tar.finalize();
  } catch (error) {
    tar.destroy(error as Error);
    throw error;
  }
}
