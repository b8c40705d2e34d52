import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isAbsolute } from 'node:path';
import { shownUri } from '../domain/spec/source-uri.js';
import { type ArtifactStore, PortError } from './ports.js';

const lineFeed = 0x0a;

/** What files that are no plain text begin with, and what to do with one. */
const otherKinds: readonly { start: readonly number[]; kind: string; mend: string }[] = [
  { start: [0xff, 0xfe], kind: 'text in UTF-16', mend: 'save it as UTF-8' },
  { start: [0xfe, 0xff], kind: 'text in UTF-16', mend: 'save it as UTF-8' },
  { start: [0x1f, 0x8b], kind: 'compressed by gzip', mend: 'unpack it' },
  { start: [0x28, 0xb5, 0x2f, 0xfd], kind: 'compressed by Zstandard', mend: 'unpack it' },
  { start: [0x50, 0x4b, 0x03, 0x04], kind: 'a ZIP archive or a workbook', mend: 'unpack it, or export it as CSV' },
  { start: [0x50, 0x41, 0x52, 0x31, 0x15], kind: 'Parquet', mend: 'set data.source.kind to parquet' },
];

function checkKind({ chunk, name }: { chunk: Uint8Array; name: string }): void {
  const other = otherKinds.find(({ start }) => start.every((byte, index) => chunk[index] === byte));
  if (other === undefined) return;
  throw new PortError('InvalidInput', `${name}: it is ${other.kind}; expected text in UTF-8: ${other.mend}`);
}

/** Where a data source lies on this machine: an absolute path, `file://` or `store://<key>`. */
export async function sourcePath({
  uri,
  store,
}: {
  uri: string;
  store: Pick<ArtifactStore, 'localPath'>;
}): Promise<string> {
  if (uri.startsWith('file://')) return fileURLToPath(uri);
  if (uri.startsWith('store://')) return store.localPath({ key: uri.slice('store://'.length) });
  if (isAbsolute(uri)) return uri;
  throw new PortError(
    'InvalidInput',
    `data.source.uri is "${shownUri(uri)}": expected an absolute path, file:///…, store://<key>, s3://<bucket>/<key> or https://…`,
  );
}

/** Digest and size of a file, however large it is. */
export async function digestFile({ path }: { path: string }): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of openFile(path)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** A file's text as it streams by; digest and size are those of its bytes, complete once the text has been read. */
export interface SourceText {
  chunks: AsyncGenerator<string>;
  measured: () => { sha256: string; bytes: number };
}

/**
 * Streams a UTF-8 file, without its byte-order mark.
 * @throws PortError `InvalidInput` for a file that can't be opened, and for bytes that are not UTF-8, naming line and byte, and
 * for files of other kinds, such as compressed ones.
 */
export function readText({ path, name = path }: { path: string; name?: string }): SourceText {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    chunks: decoded({ path, name, hash, count: (size) => (bytes += size) }),
    measured: () => ({ sha256: hash.copy().digest('hex'), bytes }),
  };
}

async function* decoded({
  path,
  name,
  hash,
  count,
}: {
  path: string;
  name: string;
  hash: Hash;
  count: (size: number) => void;
}): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let [line, lineBytes] = [1, 0];
  const decode = (piece: Uint8Array | null): string => {
    try {
      return piece ? decoder.decode(piece, { stream: true }) : decoder.decode();
    } catch (error) {
      const place = `line ${line}, byte ${lineBytes + brokenByte(piece)}`;
      const message = `${name}: ${place} is not UTF-8; save the file as UTF-8 (without changing its text)`;
      throw new PortError('InvalidInput', message, null, { cause: error });
    }
  };
  let isFirst = true;
  for await (const chunk of openFile(path)) {
    if (isFirst) checkKind({ chunk, name });
    isFirst = false;
    hash.update(chunk);
    count(chunk.length);
    let text = '';
    for (let start = 0; start < chunk.length;) {
      const end = chunk.indexOf(lineFeed, start);
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end + 1);
      text += decode(piece);
      start += piece.length;
      [line, lineBytes] = end === -1 ? [line, lineBytes + piece.length] : [line + 1, 0];
    }
    yield text;
  }
  yield decode(null);
}

/** Place of the first byte, from 1, that is no part of a character. */
function brokenByte(piece: Uint8Array | null): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const length = piece?.length ?? 0;
  let whole = 0;
  try {
    for (let at = 0; at < length; at += 1)
      if (decoder.decode(piece!.subarray(at, at + 1), { stream: true }) !== '') whole = at + 1;
  } catch {
    // Behind the last character that is whole.
  }
  return whole + 1;
}

async function* openFile(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  } catch (error) {
    throw cannotOpen({ path, error });
  }
}

/** What is said of a file that the system does not give. */
export function cannotOpen({ path, error }: { path: string; error: unknown }): PortError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  const why = code === 'ENOENT' ? 'there is no such file' : `it can't be read (${code})`;
  const message = `data.source.uri ${path}: ${why}; check the path and that the worker may read it`;
  return new PortError('InvalidInput', message, null, { cause: error });
}
