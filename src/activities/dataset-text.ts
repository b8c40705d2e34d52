import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isAbsolute } from 'node:path';
import { shownUri } from '../domain/spec/source-uri.js';
import { type ArtifactStore, PortError } from './ports.js';

const lineFeed = 0x0a;

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
 * @throws PortError `InvalidInput` for a file that can't be opened, and for bytes that are not UTF-8, naming the line.
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
  const decode = (piece: Uint8Array | null, line: number): string => {
    try {
      return piece ? decoder.decode(piece, { stream: true }) : decoder.decode();
    } catch (error) {
      const message = `${name}: line ${line} holds bytes that are not UTF-8; save the file as UTF-8 (without changing its text)`;
      throw new PortError('InvalidInput', message, null, { cause: error });
    }
  };
  let line = 1;
  for await (const chunk of openFile(path)) {
    hash.update(chunk);
    count(chunk.length);
    let text = '';
    for (let start = 0; start < chunk.length;) {
      const end = chunk.indexOf(lineFeed, start);
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end + 1);
      text += decode(piece, line);
      start += piece.length;
      if (end !== -1) line += 1;
    }
    yield text;
  }
  yield decode(null, line);
}

async function* openFile(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const why = code === 'ENOENT' ? 'there is no such file' : `it can't be read (${code})`;
    const message = `data.source.uri ${path}: ${why}; check the path and that the worker may read it`;
    throw new PortError('InvalidInput', message, null, { cause: error });
  }
}
