import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { httpFailure, networkFailure } from '../http-failure.js';

interface Place {
  /** Of the server, without a path. */
  url: string;
  apiKey: string | null;
  collection: string;
}

/** A snapshot is as large as its collection. */
const longestTransfer = 30 * 60 * 1000;

const addressOf = ({ url, collection }: Place, rest: string): string =>
  `${url.replace(/\/+$/, '')}/collections/${encodeURIComponent(collection)}/snapshots/${rest}`;

async function asked({
  what,
  address,
  apiKey,
  ...init
}: RequestInit & { what: string; address: string; apiKey: string | null; duplex?: 'half' }): Promise<Response> {
  const headers = { ...init.headers, ...(apiKey !== null && { 'api-key': apiKey }) };
  const signal = AbortSignal.timeout(longestTransfer);
  try {
    const response = await fetch(address, { ...init, headers, signal });
    if (response.ok) return response;
    const detail = await response.text();
    throw httpFailure({ what, status: response.status, headers: response.headers, detail });
  } catch (error) {
    throw networkFailure({ what, error });
  }
}

/** Reads a snapshot that lies on the server into a file (Qdrant API reference, Download collection snapshot). */
export async function downloadSnapshot({
  name,
  path,
  ...place
}: Place & { name: string; path: string }): Promise<void> {
  const what = `Qdrant: read snapshot ${name}`;
  const response = await asked({ what, address: addressOf(place, encodeURIComponent(name)), apiKey: place.apiKey });
  try {
    await pipeline(Readable.fromWeb(response.body!), createWriteStream(path));
  } catch (error) {
    throw networkFailure({ what, error });
  }
}

/** Makes a collection of a file (Qdrant API reference, Recover from an uploaded snapshot): what the file says counts. */
export async function uploadSnapshot({ path, ...place }: Place & { path: string }): Promise<void> {
  const boundary = `understudy-${randomUUID()}`;
  const head = Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="snapshot"; filename="snapshot"\r\ncontent-type: application/octet-stream\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const { size } = await stat(path);
  const body = Readable.from(
    (async function* () {
      yield head;
      yield* createReadStream(path) as AsyncIterable<Buffer>;
      yield tail;
    })(),
  );
  const response = await asked({
    what: `Qdrant: restore ${place.collection}`,
    address: addressOf(place, 'upload?wait=true&priority=snapshot'),
    apiKey: place.apiKey,
    method: 'POST',
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + size + tail.length),
    },
    body: Readable.toWeb(body) as ReadableStream,
    duplex: 'half',
  });
  await response.arrayBuffer();
}
