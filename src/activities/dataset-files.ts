import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

const bufferedCharacters = 1 << 18;

export interface WrittenFile {
  path: string;
  sha256: string;
  bytes: number;
  rows: number;
}

export interface LineWriter {
  readonly lines: number;
  write: (line: string) => Promise<void>;
  close: () => Promise<WrittenFile>;
}

/** Writes lines to a file, a quarter of a megabyte at a time; the digest is made on the way. */
export function createLineWriter({ path }: { path: string }): LineWriter {
  const stream = createWriteStream(path);
  const hash = createHash('sha256');
  let failure: Error | null = null;
  stream.on('error', (error) => (failure = error));
  let pending: string[] = [];
  let characters = 0;
  let bytes = 0;
  let lines = 0;

  async function flush(): Promise<void> {
    if (failure) throw failure;
    const chunk = Buffer.from(pending.join(''), 'utf8');
    pending = [];
    characters = 0;
    hash.update(chunk);
    bytes += chunk.length;
    await new Promise<void>((settle, refuse) => {
      stream.write(chunk, (error) => (error ? refuse(error) : settle()));
    });
  }

  return {
    get lines() {
      return lines;
    },
    write: async (line) => {
      pending.push(line, '\n');
      characters += line.length + 1;
      lines += 1;
      if (characters >= bufferedCharacters) await flush();
    },
    close: async () => {
      await flush();
      stream.end();
      await finished(stream);
      return { path, sha256: hash.digest('hex'), bytes, rows: lines };
    },
  };
}

/**
 * The lines of a file of our own, without their ends. Cut from blocks of a quarter of a megabyte: readline queues lines
 * in events, where they live long enough to fill the heap.
 */
export async function* readLines(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const block of createReadStream(path, { encoding: 'utf8', highWaterMark: bufferedCharacters })) {
    const text = rest + (block as string);
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      yield text.slice(start, end);
      start = end + 1;
    }
    rest = text.slice(start);
  }
  if (rest !== '') yield rest;
}
