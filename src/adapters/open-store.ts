import { homedir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import type { ArtifactStore } from '../activities/ports.js';
import { DirectoryStore } from './directory-store/directory-store.js';
import { refusalRetry } from './s3-store/refusal-retry.js';
import type { S3Place } from './s3-store/s3-objects.js';
import { S3Store } from './s3-store/s3-store.js';

const scheme = 's3://';

/** Whether a location names a bucket; else it is a folder. */
export const isBucket = (location: string): boolean => location.startsWith(scheme);

/**
 * The artifact store at a folder, or at `s3://bucket/prefix`. After a `?` stand `endpoint` (a server other than AWS's,
 * asked by paths), `region` (else the environment's, as AWS's programs read it) and `kmsKey`. Credentials come from
 * where AWS's programs find them, a role as a rule. `copies` is the folder of local copies of a bucket's objects.
 */
export function openStore({
  location,
  copies = join(homedir(), '.cache', 'understudy', 'store-copies'),
}: {
  location: string;
  copies?: string;
}): ArtifactStore {
  if (!isBucket(location)) return new DirectoryStore({ root: location });
  const place = bucketPlace(location);
  return new S3Store({ place, copies: join(copies, place.bucket, place.prefix) });
}

/** The bucket that a location names, with a client of its own. */
export function bucketPlace(location: string): S3Place {
  const { hostname, pathname, searchParams } = new URL(location);
  const [endpoint, region] = [searchParams.get('endpoint'), searchParams.get('region')];
  const client = new S3Client({
    retryStrategy: refusalRetry(),
    ...(region === null ? {} : { region }),
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
  });
  const prefix = decodeURIComponent(pathname).replace(/^\/+|\/+$/g, '');
  return { client, bucket: hostname, prefix, kmsKey: searchParams.get('kmsKey') };
}

/** Rejects where the store's bucket can't be reached; a folder is made when it is first written to. */
export async function checkStore(store: ArtifactStore): Promise<void> {
  if (store instanceof S3Store) await store.check();
}

/** A link that anybody may read an object by for some time; null where the store is a folder. */
export async function linkOf({
  store,
  key,
  seconds,
}: {
  store: ArtifactStore;
  key: string;
  seconds: number;
}): Promise<string | null> {
  return store instanceof S3Store ? await store.presignedLink({ key, seconds }) : null;
}
