import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
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

/** The lines of a file of our own, without their ends. */
export const readLines = (path: string): AsyncIterable<string> =>
  createInterface({ input: createReadStream(path), crlfDelay: Infinity });
