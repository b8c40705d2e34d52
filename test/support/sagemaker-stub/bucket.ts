import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { GetObjectCommand, paginateListObjectsV2, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

/** S3 as SageMaker's own agents use it, by s3:// addresses. */
export class Bucket {
  readonly #client: S3Client;

  constructor({ client }: { client: S3Client }) {
    this.#client = client;
  }

  /** All objects whose key begins with the address's, as type S3Prefix means it. */
  async download({ uri, folder }: { uri: string; folder: string }): Promise<void> {
    const { bucket, key: prefix } = partsOf(uri);
    await mkdir(folder, { recursive: true });
    for await (const { Contents } of paginateListObjectsV2(
      { client: this.#client },
      { Bucket: bucket, Prefix: prefix },
    ))
      for (const { Key } of Contents ?? []) {
        const path = join(folder, placeOf({ key: Key!, prefix }));
        await mkdir(dirname(path), { recursive: true });
        const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: Key! }));
        await pipeline(Body as Readable, createWriteStream(path));
      }
  }

  /** The addresses of all objects whose key begins with the address's, in order. */
  async below({ uri }: { uri: string }): Promise<string[]> {
    const { bucket, key: prefix } = partsOf(uri);
    const found: string[] = [];
    const pages = paginateListObjectsV2({ client: this.#client }, { Bucket: bucket, Prefix: prefix });
    for await (const { Contents } of pages) found.push(...(Contents ?? []).map(({ Key }) => `s3://${bucket}/${Key!}`));
    return found.sort();
  }

  async fetch({ uri, file }: { uri: string; file: string }): Promise<void> {
    const { bucket, key } = partsOf(uri);
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    await pipeline(Body as Readable, createWriteStream(file));
  }

  async upload({ uri, folder }: { uri: string; folder: string }): Promise<void> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries.filter((one) => one.isFile())) {
      const file = join(entry.parentPath, entry.name);
      await this.put({ uri: `${uri.replace(/\/$/, '')}/${relative(folder, file)}`, file });
    }
  }

  async text({ uri }: { uri: string }): Promise<string> {
    const { bucket, key } = partsOf(uri);
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return await Body!.transformToString();
  }

  async putText({ uri, text }: { uri: string; text: string }): Promise<void> {
    const { bucket, key } = partsOf(uri);
    await this.#client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
  }

  async put({ uri, file }: { uri: string; file: string }): Promise<void> {
    const { bucket, key } = partsOf(uri);
    const params = { Bucket: bucket, Key: key, Body: createReadStream(file) };
    await new Upload({ client: this.#client, params }).done();
  }
}

function partsOf(uri: string): { bucket: string; key: string } {
  const { hostname, pathname } = new URL(uri);
  return { bucket: hostname, key: decodeURIComponent(pathname.slice(1)) };
}

/** The path below a channel's folder of an object found by a prefix: its name where the prefix is the object itself. */
const placeOf = ({ key, prefix }: { key: string; prefix: string }): string =>
  key === prefix ? basename(key) : key.slice(prefix.length).replace(/^\/+/, '');
