import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ArtifactStore } from '../activities/ports.js';
import { compressSegment, segmentExtension } from '../activities/segment-file.js';
import { sha256Hex } from '../domain/release/evidence.js';
import type { Clock } from './clock.js';
import { FlushTimer } from './flush-timer.js';
import { LineBuffer } from './line-buffer.js';

export interface SegmentWriterOptions {
  store: ArtifactStore;
  gateway: string;
  clock: Clock;
  flushMilliseconds: number;
  /** Bytes that may wait in memory while the store is away. */
  mostBytes: number;
  onFailure: (error: unknown) => void;
  onDrop: (lines: number) => void;
}

interface Segment {
  prefix: string;
  text: LineBuffer;
  /** Set by the first try, so that a write whose confirmation was lost is known again. */
  key: string | null;
}

/** Bounds what a reader unpacks at a time, and how long lines of a busy gateway wait in memory. */
const linesInSegment = 500;
const bytesInSegment = 500_000;
/** Memory of segments that are written, kept for the next ones, and the most of one that is worth keeping. */
const spareBuffers = 4;
const spareBytes = 2_000_000;

/**
 * Writes lines as compressed segments `<prefix><gateway>-<n>.jsonl.zst`, each once. Lines wait in memory while the
 * store is away, up to a bound; the oldest are given up first.
 */
export class SegmentWriter {
  private segments: Segment[] = [];
  private bytes = 0;
  /**
   * Memory that is made anew for each segment outlives the young generation, and every 64 MB of it V8 marks the whole
   * heap: a minute of a busy gateway, whose users then wait for a quarter of a second.
   */
  private readonly spare: Buffer[] = [];
  private readonly timer: FlushTimer;
  private writing: Promise<void> = Promise.resolve();
  private next: number;

  constructor(private readonly options: SegmentWriterOptions) {
    // Numbers begin at the time of the start and rise by one, so that a restart does not try every number before.
    this.next = options.clock();
    this.timer = new FlushTimer(options.flushMilliseconds, () => this.flush());
  }

  append({ prefix, row }: { prefix: string; row: object }): void {
    const line = JSON.stringify(row);
    let segment = this.segments.find((one) => one.prefix === prefix && isOpen(one));
    if (!segment) this.segments.push((segment = { prefix, text: new LineBuffer(this.spare.pop()), key: null }));
    this.bytes += segment.text.append(line);
    this.dropOldest();
    if (isOpen(segment)) this.timer.schedule();
    else void this.flush();
  }

  /** Writes what waits. Never rejects. */
  flush(): Promise<void> {
    this.writing = this.writing.then(() => this.writeAll());
    return this.writing;
  }

  async stop(): Promise<void> {
    await this.timer.stop();
  }

  private async writeAll(): Promise<void> {
    for (const segment of [...this.segments]) {
      if (!this.segments.includes(segment)) continue;
      segment.key ??= this.nextKey(segment);
      try {
        await this.write(segment);
      } catch (error) {
        this.options.onFailure(error);
        this.timer.schedule();
        return;
      }
      this.forget(segment);
      const memory = segment.text.giveBack();
      if (this.spare.length < spareBuffers && memory.length <= spareBytes) this.spare.push(memory);
      await nextTurn();
    }
  }

  private async write(segment: Segment): Promise<void> {
    const body = Buffer.from(await compressSegment({ text: segment.text.body }));
    for (;;) {
      const { created, ref } = await this.options.store.putIfAbsent({ key: segment.key!, body });
      if (created || ref.sha256 === sha256Hex(body)) return;
      segment.key = this.nextKey(segment);
    }
  }

  private nextKey({ prefix }: Segment): string {
    return `${prefix}${this.options.gateway}-${this.next++}${segmentExtension}`;
  }

  private forget(segment: Segment): void {
    const length = this.segments.length;
    this.segments = this.segments.filter((one) => one !== segment);
    if (this.segments.length < length) this.bytes -= segment.text.body.length;
  }

  private dropOldest(): void {
    while (this.bytes > this.options.mostBytes && this.segments.length > 1) {
      const [oldest] = this.segments;
      this.forget(oldest!);
      this.options.onDrop(oldest!.text.lines);
    }
  }
}

const isOpen = ({ key, text }: Segment): boolean =>
  key === null && text.lines < linesInSegment && text.body.length < bytesInSegment;
