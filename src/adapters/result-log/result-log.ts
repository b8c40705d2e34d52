import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ResultCache } from '../../activities/judging/judge-port.js';

interface Segment {
  handle: FileHandle;
  /** How much of the file is in the index; what follows may be half a line. */
  indexed: number;
}

/** Bytes of a segment from `start` to `end`, in memory. */
interface Block {
  number: number;
  start: number;
  end: number;
  buffer: Buffer;
}

/** A line's place as one number: the segment above, the offset below; objects would take more memory than the keys. */
const offsets = 2 ** 40;
const newline = 10;
const keyBytes = 64;
const chunkBytes = 1 << 20;
const blockBytes = 1 << 17;
const mostBlocks = 16;
const refreshMilliseconds = 1000;
/** A write wakes another thread, which costs more than the line: what comes within this time goes together. */
const gatherMilliseconds = 5;

/**
 * Results in append-only files of a folder that several processes share: each writes a file of its own and reads all.
 * A line is `<key> <value>`; half a line, left by a killed process, is no line. Only keys are held in memory.
 */
export class ResultLog implements ResultCache {
  readonly #folder: string;
  readonly #index = new Map<string, number>();
  readonly #segments: Segment[] = [];
  readonly #known = new Set<string>();
  #blocks: Block[] = [];
  #refreshed = -Infinity;
  #refreshing: Promise<void> | null = null;
  #own: Promise<FileHandle> | null = null;
  #pending: { line: string; done: () => void; failed: (error: unknown) => void }[] = [];
  #writing = false;
  /** Written by this process and not yet in the index. */
  readonly #fresh = new Map<string, string>();

  constructor({ folder }: { folder: string }) {
    this.#folder = folder;
  }

  async get({ key }: { key: string }): Promise<string | null> {
    const found = await this.#read(key);
    if (found !== null) return found;
    if (performance.now() - this.#refreshed < refreshMilliseconds) return null;
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    await this.#refreshing;
    return await this.#read(key);
  }

  async put({ key, value }: { key: string; value: string }): Promise<void> {
    if (!/^[0-9a-f]{64}$/.test(key)) throw new RangeError(`result key "${key}": expected a SHA-256 in hexadecimal`);
    if (value.includes('\n'))
      throw new RangeError('a result must stand on one line: expected JSON without line breaks');
    if (this.#fresh.has(key) || this.#index.has(key)) return;
    this.#fresh.set(key, value);
    await new Promise<void>((done, failed) => {
      this.#pending.push({ line: `${key} ${value}\n`, done, failed });
      void this.#write();
    });
  }

  async close(): Promise<void> {
    const own = await this.#own;
    await Promise.all([own?.close(), ...this.#segments.map(({ handle }) => handle.close())]);
  }

  async #read(key: string): Promise<string | null> {
    const fresh = this.#fresh.get(key);
    if (fresh !== undefined) return fresh;
    const place = this.#index.get(key);
    if (place === undefined) return null;
    const number = Math.floor(place / offsets);
    const offset = place % offsets;
    const near = this.#blocks.find((one) => one.number === number && one.start <= offset && offset < one.end);
    return (near && lineIn({ block: near, offset })) ?? (await this.#load({ number, offset }));
  }

  /** Reads a block from a line on and keeps it: who asks in the order of writing finds the next ones in memory. */
  async #load({ number, offset }: { number: number; offset: number }): Promise<string | null> {
    const { handle } = this.#segments[number]!;
    for (let size = blockBytes; ; size *= 4) {
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.allocUnsafe(size), position: offset });
      const block = { number, start: offset, end: offset + bytesRead, buffer };
      const line = lineIn({ block, offset });
      if (line !== null) {
        if (size === blockBytes) this.#blocks = [block, ...this.#blocks].slice(0, mostBlocks);
        return line;
      }
      if (bytesRead < size) return null;
    }
  }

  /** One write for everything that comes in a while: many small results cost one system call. */
  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    while (this.#pending.length > 0) {
      await pause(gatherMilliseconds);
      const batch = this.#pending;
      this.#pending = [];
      try {
        this.#own ??= this.#openOwn();
        await (await this.#own).appendFile(batch.map((one) => one.line).join(''));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#writing = false;
  }

  async #openOwn(): Promise<FileHandle> {
    await mkdir(this.#folder, { recursive: true });
    return await open(join(this.#folder, `${process.pid}-${randomUUID()}.log`), 'ax');
  }

  async #refresh(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names.filter((one) => one.endsWith('.log') && !this.#known.has(one)).sort()) {
      this.#known.add(name);
      this.#segments.push({ handle: await open(join(this.#folder, name), 'r'), indexed: 0 });
    }
    for (const [number, segment] of this.#segments.entries()) await this.#indexSegment({ number, segment });
    this.#refreshed = performance.now();
  }

  async #indexSegment({ number, segment }: { number: number; segment: Segment }): Promise<void> {
    for (;;) {
      const position = segment.indexed;
      let size = chunkBytes;
      let read = await segment.handle.read({ buffer: Buffer.allocUnsafe(size), position });
      while (read.bytesRead === size && !read.buffer.includes(newline)) {
        size *= 4;
        read = await segment.handle.read({ buffer: Buffer.allocUnsafe(size), position });
      }
      const lines = read.buffer.subarray(0, read.bytesRead);
      let start = 0;
      for (let end = lines.indexOf(newline); end !== -1; end = lines.indexOf(newline, start)) {
        const key = lines.toString('latin1', start, start + keyBytes);
        if (!this.#index.has(key)) this.#index.set(key, number * offsets + position + start);
        this.#fresh.delete(key);
        start = end + 1;
      }
      segment.indexed = position + start;
      if (read.bytesRead < size) return;
    }
  }
}

/** The value of the line at `offset`; null where its end is not in the block. */
function lineIn({ block: { buffer, start, end }, offset }: { block: Block; offset: number }): string | null {
  const from = offset - start;
  const to = buffer.indexOf(newline, from);
  return to === -1 || to >= end - start ? null : buffer.toString('utf8', from + keyBytes + 1, to);
}
