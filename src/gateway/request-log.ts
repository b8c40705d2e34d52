import type { ArtifactStore } from '../activities/ports.js';
import type { Arm } from '../domain/rollout/traffic-plan.js';
import type { Clock } from './clock.js';

/** One line of the request log: what training and monitoring later need of a request. */
export interface AnswerLine {
  kind: 'answer';
  id: string;
  at: string;
  model: string;
  release: string;
  revision: number;
  arm: Arm;
  keyId: string;
  user: string | null;
  session: string | null;
  query: string;
  answer: string | null;
  milliseconds: number;
  promptTokens: number;
  completionTokens: number;
  status: number;
}

/** What was said of an answer later; joined to it by `id`. */
export interface FeedbackLine {
  kind: 'feedback' | 'outcome';
  id: string | null;
  at: string;
  model: string;
  keyId: string;
  event: string;
  value: number | null;
  comment: string | null;
}

export type LogLine = AnswerLine | FeedbackLine;

export interface RequestLogOptions {
  store: ArtifactStore;
  gateway: string;
  clock: Clock;
  flushMilliseconds: number;
  onFailure: (error: unknown) => void;
  onDrop: (lines: number) => void;
}

const mostLinesWaiting = 20_000;

/**
 * Writes lines as JSONL segments `requests/<model>/<date>/<hour>/<gateway>-<n>.jsonl`, each once. Lines wait in memory
 * while the store is away, up to a bound; the oldest are given up first.
 */
export class RequestLog {
  private waiting: LogLine[] = [];
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();
  private next: number;
  private stopped = false;

  constructor(private readonly options: RequestLogOptions) {
    this.next = options.clock();
  }

  append(line: LogLine): void {
    this.waiting.push(line);
    if (this.waiting.length > mostLinesWaiting * 1.1) this.dropOldest();
    this.schedule();
  }

  /** Writes what waits. Never rejects. */
  flush(): Promise<void> {
    this.writing = this.writing.then(() => this.writeAll());
    return this.writing;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.flush();
  }

  private schedule(): void {
    if (this.timer || this.stopped) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.flush();
    }, this.options.flushMilliseconds);
    this.timer.unref();
  }

  private async writeAll(): Promise<void> {
    const lines = this.waiting;
    this.waiting = [];
    const segments = new Map<string, LogLine[]>();
    for (const line of lines) {
      const folder = `requests/${line.model}/${line.at.slice(0, 10)}/${line.at.slice(11, 13)}`;
      const segment = segments.get(folder);
      if (segment) segment.push(line);
      else segments.set(folder, [line]);
    }
    for (const [folder, segment] of segments) {
      try {
        await this.write({ folder, segment });
      } catch (error) {
        this.options.onFailure(error);
        this.waiting = segment.concat(this.waiting);
        this.dropOldest();
        this.schedule();
      }
    }
  }

  /** Numbers begin at the time of the start and rise by one, so that a restart does not try every number before. */
  private async write({ folder, segment }: { folder: string; segment: LogLine[] }): Promise<void> {
    const body = Buffer.from(segment.map((line) => `${JSON.stringify(line)}\n`).join(''));
    for (;;) {
      const key = `${folder}/${this.options.gateway}-${this.next++}.jsonl`;
      const { created } = await this.options.store.putIfAbsent({ key, body });
      if (created) return;
    }
  }

  private dropOldest(): void {
    const tooMany = this.waiting.length - mostLinesWaiting;
    if (tooMany <= 0) return;
    this.waiting = this.waiting.slice(tooMany);
    this.options.onDrop(tooMany);
  }
}
