import { createHash } from 'node:crypto';

/** The namespace of our chunks: the UUIDv5 of the URL namespace and `understudy:chunk`. */
const namespace = Buffer.from('7ef7bcc3f1c35f84b8dd431d4ce3899d', 'hex');

/**
 * The id of a piece of a document's text: a UUIDv5 (RFC 9562, section 5.5), so that indexing the same piece again writes
 * over it.
 */
export function chunkId(place: { document: string; version: string; start: number; end: number }): string {
  const { document, version, start, end } = place;
  const name = JSON.stringify([document, version, start, end]);
  const bytes = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
