import { Zstd } from '@hpcc-js/wasm-zstd';
import { jsonLines, linesOf } from './stored-json.js';

/** How the name of a segment ends: one JSON value a line, compressed with Zstandard. */
export const segmentExtension = '.jsonl.zst';

const compressionLevel = 3;

/** The bytes of a segment of gateways: the request log and the pairs of a shadow are written in these. */
export async function encodeSegment({ rows }: { rows: Iterable<unknown> }): Promise<Uint8Array> {
  const zstd = await Zstd.load();
  return zstd.compress(jsonLines(rows), compressionLevel);
}

/**
 * The lines of a segment, one JSON value each.
 * @throws Error where the bytes are no segment
 */
export async function decodeSegment({ body }: { body: Uint8Array }): Promise<string[]> {
  const zstd = await Zstd.load();
  return [...linesOf(zstd.decompress(body))];
}
