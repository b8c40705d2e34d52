import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { PortError } from '../../activities/ports.js';
import { digestFile, ensureFolder } from '../directory-store/atomic-files.js';
import { temporaryFolder } from '../directory-store/keys.js';
import { digestField, objectKey, type S3Place } from './s3-objects.js';

/** What one request asks for; a connection that breaks costs this much again, not the whole object. */
const rangeBytes = 64 * 1024 * 1024;

/**
 * A local copy of an object below `folder`, at the place of its key, so that files of one folder stay together. One
 * that is there with the same bytes is taken as it is. The copy is read in ranges of one version of the object, in
 * constant memory, and its digest is checked before anybody sees it. Rejects with `DigestMismatch` where the bytes are
 * not those that were written.
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
  const path = join(folder, key);
  if (written !== null && (await holds({ path, bytes, sha256: written }))) return path;
  const hidden = join(folder, temporaryFolder, randomUUID());
  await Promise.all([ensureFolder(dirname(path)), ensureFolder(dirname(hidden))]);
  try {
    const sha256 = await fetchRanges({ place, where, bytes, entityTag: head.ETag, path: hidden });
    if (written !== null && written !== sha256)
      throw new PortError('DigestMismatch', `${key}: the bytes have SHA-256 ${sha256}; ${written} was written`);
    await rename(hidden, path);
    return path;
  } finally {
    await rm(hidden, { force: true });
  }
}

async function holds({ path, bytes, sha256 }: { path: string; bytes: number; sha256: string }): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.size === bytes && (await digestFile(path)).sha256 === sha256;
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
    for await (const chunk of readRanges({ client: place.client, where, bytes, entityTag })) {
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** The bytes of one version of an object, range by range, as fast as they are taken. */
export async function* readRanges({
  client,
  where,
  bytes,
  entityTag,
}: {
  client: S3Client;
  where: { Bucket: string; Key: string };
  bytes: number;
  entityTag: string | undefined;
}): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes; from += rangeBytes) {
    const to = Math.min(from + rangeBytes, bytes) - 1;
    const range = { ...where, Range: `bytes=${from}-${to}`, IfMatch: entityTag };
    const { Body } = await client.send(new GetObjectCommand(range));
    let read = 0;
    for await (const chunk of Body as AsyncIterable<Uint8Array>) {
      read += chunk.byteLength;
      yield chunk;
    }
    if (read !== to - from + 1)
      throw new PortError('Unavailable', `${where.Key}: ${read} bytes came of range ${from} to ${to}`);
  }
}
