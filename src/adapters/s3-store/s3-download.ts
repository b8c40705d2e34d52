import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { PortError } from '../../activities/ports.js';
import { ensureFolder } from '../directory-store/atomic-files.js';
import { digestField, objectKey, type S3Place } from './s3-objects.js';

/** What one request asks for; a connection that breaks costs this much again, not the whole object. */
const rangeBytes = 64 * 1024 * 1024;

/**
 * A local copy of an object in `folder`, named after its bytes, so that the same bytes are fetched once. The copy is
 * read in ranges of one version of the object, in constant memory, and its digest is checked before anybody sees it.
 * Rejects with `DigestMismatch` where the bytes are not those that were written.
 */
export async function localCopy({
  place,
  key,
  folder,
}: {
  place: S3Place;
  key: string;
  folder: string;
}): Promise<string> {
  const where = { Bucket: place.bucket, Key: objectKey({ place, key }) };
  const head = await place.client.send(new HeadObjectCommand(where));
  const bytes = head.ContentLength ?? 0;
  const written = head.Metadata?.[digestField] ?? null;
  if (written !== null) {
    const kept = join(folder, written);
    const found = await stat(kept).catch(() => null);
    if (found?.size === bytes) return kept;
  }
  await ensureFolder(folder);
  const hidden = join(folder, `.${randomUUID()}`);
  try {
    const sha256 = await fetchRanges({ place, where, bytes, entityTag: head.ETag, path: hidden });
    if (written !== null && written !== sha256)
      throw new PortError('DigestMismatch', `${key}: the bytes have SHA-256 ${sha256}; ${written} was written`);
    const path = join(folder, sha256);
    await rename(hidden, path);
    return path;
  } finally {
    await rm(hidden, { force: true });
  }
}

async function fetchRanges({
  place,
  where,
  bytes,
  entityTag,
  path,
}: {
  place: S3Place;
  where: { Bucket: string; Key: string };
  bytes: number;
  entityTag: string | undefined;
  path: string;
}): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  try {
    for (let from = 0; from < bytes; from += rangeBytes) {
      const to = Math.min(from + rangeBytes, bytes) - 1;
      const range = { ...where, Range: `bytes=${from}-${to}`, IfMatch: entityTag };
      const { Body } = await place.client.send(new GetObjectCommand(range));
      let read = 0;
      for await (const chunk of Body as AsyncIterable<Uint8Array>) {
        hash.update(chunk);
        read += chunk.byteLength;
        await file.writeFile(chunk);
      }
      if (read !== to - from + 1)
        throw new PortError('Unavailable', `${where.Key}: ${read} bytes came of range ${from} to ${to}`);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}
