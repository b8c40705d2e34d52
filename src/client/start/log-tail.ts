import { open } from 'node:fs/promises';

const readBytes = 16_384;

/** The last lines of a log, for a message that says why something did not start; empty where there is no log. */
export async function logTail({ file, lines }: { file: string; lines: number }): Promise<string> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return '';
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - readBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, readBytes)), 0, undefined, start);
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    await handle.close();
  }
}
