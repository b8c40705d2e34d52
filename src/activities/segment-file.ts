import { setImmediate as nextTurn } from 'node:timers/promises';
import { Zstd } from '@hpcc-js/wasm-zstd';
import { decompress } from 'fzstd';

/** How the name of a segment ends: one JSON value a line, compressed with Zstandard. */
export const segmentExtension = '.jsonl.zst';

const compressionLevel = 3;
/** Compressed in well under a millisecond, and only 3 % larger altogether than text compressed in one go. */
const bytesInFrame = 32_768;

/** The bytes of a segment of gateways: the request log and the pairs of a shadow are written in these. */
export const encodeSegment = ({ lines }: { lines: readonly string[] }): Promise<Uint8Array> =>
  compressSegment({ text: Buffer.from(`${lines.join('\n')}\n`) });

/**
 * The same of lines that are bytes already, which must stay as they are meanwhile. It is made of several frames (RFC
 * 8878, section 3), and others have their turn after each: the thread that answers users compresses too.
 */
export async function compressSegment({ text }: { text: Uint8Array }): Promise<Uint8Array> {
  const zstd = await Zstd.load();
  const frames: Uint8Array[] = [];
  for (let at = 0; at < text.length; at += bytesInFrame) {
    if (at > 0) await nextTurn();
    frames.push(zstd.compress(text.subarray(at, at + bytesInFrame), compressionLevel));
  }
  return Buffer.concat(frames);
}

/**
 * The lines of a segment, one JSON value each.
 * @throws Error where the bytes are no segment
 */
export function decodeSegment({ body }: { body: Uint8Array }): string[] {
  if (body.length === 0) throw new Error('an empty file is no segment');
  return Buffer.from(decompress(body)).toString('utf8').trimEnd().split('\n');
}
