import { createReadStream } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type ArtifactStore, PortError, type StoredObject } from '../../activities/ports.js';
import { type ArtifactRef, storeUri } from '../../domain/artifact-ref.js';
import { awsErrorOf, awsFailure } from '../aws/aws-failure.js';
import { digestFile, fileError } from '../directory-store/atomic-files.js';
import { checkKey } from '../directory-store/keys.js';
import { localCopy } from './s3-download.js';
import {
  digestField,
  objectKey,
  partsOfVersion,
  type S3Place,
  sha256Of,
  versionOf,
  writeOptions,
} from './s3-objects.js';

/** Four parts of 16 MiB are under way at once: 64 MiB of memory, and up to 156 GiB in S3's 10,000 parts. */
const partBytes = 16 * 1024 * 1024;
const partsAtOnce = 4;
const attemptsAtMeeting = 5;

/**
 * The artifact store in a bucket of S3 or of a server that speaks its protocol with conditional writes.
 *
 * Keys are those of the directory store, so that a store can be copied from one to the other. The client may ask again
 * only what was refused (`refusalRetry`): Temporal tries again everything else. Versions are told apart by bytes alone in a bucket
 * without versioning; turn versioning on, as our infrastructure does, and each write has a version of its own.
 */
export class S3Store implements ArtifactStore {
  readonly #place: S3Place;
  readonly #copies: string;

  constructor({ place, copies }: { place: S3Place; /** The folder of local copies. */ copies: string }) {
    this.#place = place;
    this.#copies = copies;
  }

  async put({ key, body }: { key: string; body: Uint8Array }): Promise<ArtifactRef> {
    return this.#mapped({ doing: 'writing', key }, async () => {
      await this.#write({ key, body, condition: {} });
      return refOf({ key, body });
    });
  }

  async putIfAbsent({ key, body }: { key: string; body: Uint8Array }): Promise<{ created: boolean; ref: ArtifactRef }> {
    return this.#mapped({ doing: 'creating', key }, async () => {
      if (await this.#writeIf({ key, body, condition: { IfNoneMatch: '*' } }))
        return { created: true, ref: refOf({ key, body }) };
      const found = await this.#stillStanding(key);
      const sha256 = found.Metadata?.[digestField] ?? (await digestFile(await this.localPath({ key }))).sha256;
      return { created: false, ref: { uri: storeUri(key), sha256, bytes: found.ContentLength ?? 0 } };
    });
  }

  async compareAndSet({
    key,
    body,
    expected,
  }: {
    key: string;
    body: Uint8Array;
    expected: string | null;
  }): Promise<{ version: string } | null> {
    return this.#mapped({ doing: 'comparing and setting', key }, async () => {
      if (expected === null) {
        const written = await this.#writeIf({ key, body, condition: { IfNoneMatch: '*' } });
        if (written === null) await this.#stillStanding(key);
        return written;
      }
      const { entityTag, versionId } = partsOfVersion(expected);
      if (versionId !== null) {
        const found = await this.#standing(key);
        if (found === null || versionOf(found) !== expected) return null;
      }
      return this.#writeIf({ key, body, condition: { IfMatch: entityTag } });
    });
  }

  async get({ key }: { key: string }): Promise<StoredObject | null> {
    const found = await this.getIfChanged({ key, known: null });
    return found === 'unchanged' ? null : found;
  }

  async getIfChanged({
    key,
    known,
  }: {
    key: string;
    known: string | null;
  }): Promise<StoredObject | 'unchanged' | null> {
    return this.#mapped({ doing: 'reading', key }, async () => {
      const condition = known === null ? {} : { IfNoneMatch: partsOfVersion(known).entityTag };
      try {
        const found = await this.#place.client.send(new GetObjectCommand({ ...this.#where(key), ...condition }));
        const body = await found.Body!.transformToByteArray();
        const ref = refOf({ key, body });
        const written = found.Metadata?.[digestField] ?? ref.sha256;
        if (written !== ref.sha256)
          throw new PortError('DigestMismatch', `${key}: the bytes have SHA-256 ${ref.sha256}; ${written} was written`);
        return { body, ref, version: versionOf(found) };
      } catch (error) {
        if (awsErrorOf(error).status === 304) return 'unchanged';
        if (isMissing(error)) return null;
        throw error;
      }
    });
  }

  async *list({ prefix }: { prefix: string }): AsyncGenerator<{ key: string; bytes: number; modifiedAt: string }> {
    if (prefix !== '') checkKey(prefix.replace(/\/$/, ''));
    const start = objectKey({ place: this.#place, key: prefix });
    const skipped = objectKey({ place: this.#place, key: '' }).length;
    try {
      const pages = paginateListObjectsV2(
        { client: this.#place.client },
        { Bucket: this.#place.bucket, Prefix: start },
      );
      for await (const { Contents } of pages)
        for (const { Key, Size, LastModified } of Contents ?? [])
          yield { key: Key!.slice(skipped), bytes: Size ?? 0, modifiedAt: LastModified!.toISOString() };
    } catch (error) {
      throw awsFailure({ what: `listing ${prefix} in bucket ${this.#place.bucket}`, error });
    }
  }

  async remove({ key }: { key: string }): Promise<void> {
    await this.#mapped({ doing: 'removing', key }, async () => {
      await this.#place.client.send(new DeleteObjectCommand(this.#where(key)));
    });
  }

  async putFile({ key, path }: { key: string; path: string }): Promise<ArtifactRef> {
    checkKey(key);
    const { sha256, bytes } = await digestFile(path).catch((error: unknown) => {
      throw fileError({ error, what: `writing ${key}` });
    });
    return this.#mapped({ doing: 'writing', key }, async () => {
      const upload = new Upload({
        client: this.#place.client,
        params: {
          ...writeOptions({ place: this.#place, sha256 }),
          Key: objectKey({ place: this.#place, key }),
          Body: createReadStream(path),
          ChecksumAlgorithm: 'SHA256',
        },
        partSize: partBytes,
        queueSize: partsAtOnce,
      });
      await upload.done();
      const stored = await this.#standing(key);
      if (stored?.ContentLength !== bytes)
        throw new PortError(
          'DigestMismatch',
          `${key}: ${stored?.ContentLength ?? 0} bytes are stored of ${bytes}; was ${path} written meanwhile?`,
        );
      return { uri: storeUri(key), sha256, bytes };
    });
  }

  async localPath({ key }: { key: string }): Promise<string> {
    return this.#mapped({ doing: 'copying', key }, async () => {
      try {
        return await localCopy({ place: this.#place, key, folder: this.#copies });
      } catch (error) {
        if (isMissing(error)) throw new PortError('NotFound', `store key ${key}: nothing stands there`);
        throw error;
      }
    });
  }

  /** Rejects where the bucket can't be reached: an object of a missing bucket would look like a missing object. */
  async check(): Promise<void> {
    try {
      await this.#place.client.send(new ListObjectsV2Command({ Bucket: this.#place.bucket, MaxKeys: 1 }));
    } catch (error) {
      throw awsFailure({ what: `looking into bucket ${this.#place.bucket}`, error });
    }
  }

  /**
   * A link that anybody may read the object by for some time, a report for one; it is signed by the process's own role.
   * Browsers show a page (`.html`) and keep all else as a file.
   */
  async presignedLink({ key, seconds }: { key: string; seconds: number }): Promise<string> {
    const shown = key.endsWith('.html') ? { ResponseContentType: 'text/html; charset=utf-8' } : {};
    return this.#mapped({ doing: 'signing a link to', key }, () =>
      getSignedUrl(this.#place.client, new GetObjectCommand({ ...this.#where(key), ...shown }), { expiresIn: seconds }),
    );
  }

  #where(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#place.bucket, Key: objectKey({ place: this.#place, key }) };
  }

  async #standing(key: string) {
    try {
      return await this.#place.client.send(new HeadObjectCommand(this.#where(key)));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** What kept a write over nothing from being made. */
  async #stillStanding(key: string) {
    const found = await this.#standing(key);
    if (found !== null) return found;
    throw new PortError(
      'Conflict',
      `${key}: could not be created, and nothing stands there: it was removed meanwhile, or this server (versitygw 1.8.0 ` +
        'with versioning) creates no key again that was removed',
    );
  }

  #write({ key, body, condition }: { key: string; body: Uint8Array; condition: WriteCondition }) {
    const digest = sha256Of(body);
    return this.#place.client.send(
      new PutObjectCommand({
        ...writeOptions({ place: this.#place, sha256: digest.toString('hex') }),
        ...condition,
        Key: objectKey({ place: this.#place, key }),
        Body: body,
        ChecksumSHA256: digest.toString('base64'),
      }),
    );
  }

  /** Null where the condition does not hold. S3 answers 409 to one of two conditional writes that meet, and asks to try again. */
  async #writeIf(input: {
    key: string;
    body: Uint8Array;
    condition: WriteCondition;
  }): Promise<{ version: string } | null> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return { version: versionOf(await this.#write(input)) };
      } catch (error) {
        const { status } = awsErrorOf(error);
        if (status === 412 || isMissing(error)) return null;
        if (status !== 409 || attempt === attemptsAtMeeting) throw error;
        await wait(attempt * 50);
      }
    }
  }

  async #mapped<Result>({ doing, key }: { doing: string; key: string }, work: () => Promise<Result>): Promise<Result> {
    checkKey(key);
    try {
      return await work();
    } catch (error) {
      throw awsFailure({ what: `${doing} ${key} in bucket ${this.#place.bucket}`, error });
    }
  }
}

type WriteCondition = { IfMatch?: string; IfNoneMatch?: string };

const refOf = ({ key, body }: { key: string; body: Uint8Array }): ArtifactRef => ({
  uri: storeUri(key),
  sha256: sha256Of(body).toString('hex'),
  bytes: body.byteLength,
});

/** A missing object, not a missing bucket: HEAD answers both without a name. */
const isMissing = (error: unknown): boolean => {
  const { name, status } = awsErrorOf(error);
  return status === 404 && name !== 'NoSuchBucket';
};
