import { Zstd } from '@hpcc-js/wasm-zstd';

/** How the name of a segment ends: one JSON value a line, compressed with Zstandard. */
export const segmentExtension = '.jsonl.zst';

const compressionLevel = 3;

/** The bytes of a segment of gateways: the request log and the pairs of a shadow are written in these. */
export const encodeSegment = ({ lines }: { lines: readonly string[] }): Promise<Uint8Array> =>
  compressSegment({ text: Buffer.from(`${lines.join('\n')}\n`) });

/** The same of lines that are bytes already. */
export async function compressSegment({ text }: { text: Uint8Array }): Promise<Uint8Array> {
  const zstd = await Zstd.load();
  return zstd.compress(text, compressionLevel);
}

/**
 * The lines of a segment, one JSON value each.
 * @throws Error where the bytes are no segment
 */
export async function decodeSegment({ body }: { body: Uint8Array }): Promise<string[]> {
  const zstd = await Zstd.load();
  return Buffer.from(zstd.decompress(body)).toString('utf8').trimEnd().split('\n');
}
