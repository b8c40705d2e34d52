import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { openThread } from '../activities/open-thread.js';
import type { DetectedLanguage } from '../domain/dataset/language-detection.js';
import type { LanguageDetection } from '../domain/guardrails/guardrails.js';
import type { AskedLanguage, ToldLanguage } from './language-thread.js';

/** Seconds of work; more would only wait. */
const mostOpen = 5000;

const entry = new URL('./language-thread', import.meta.url);

interface OpenQuestion {
  settle: (detected: DetectedLanguage) => void;
  refuse: (error: unknown) => void;
}

/**
 * Languages of texts, by a thread that holds the tables, some 130 MB. In the thread that answers, they would be looked
 * through whenever V8 marks its heap: on one core that had held every request up for 200 to 300 ms.
 */
export class Languages implements LanguageDetection {
  #thread: Promise<LanguageThread> | null = null;

  /** Resolves once texts can be asked about without a wait. */
  async start(): Promise<void> {
    await this.#started();
  }

  /** Asks once more where the thread was lost under way. */
  async detect({ text }: { text: string }): Promise<DetectedLanguage> {
    const thread = await this.#started();
    try {
      return await thread.ask(text);
    } catch {
      return await (await this.#started()).ask(text);
    }
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    // One that could not begin has nothing to end.
    await thread?.then(
      (one) => one.stop(),
      () => undefined,
    );
  }

  #started(): Promise<LanguageThread> {
    if (this.#thread) return this.#thread;
    const thread = startThread({
      onEnd: () => {
        if (this.#thread === thread) this.#thread = null;
      },
    });
    // Where not even a thread can be made, nothing exits.
    thread.catch(() => {
      if (this.#thread === thread) this.#thread = null;
    });
    return (this.#thread = thread);
  }
}

async function startThread({ onEnd }: { onEnd: () => void }): Promise<LanguageThread> {
  const worker = openThread({ entry, options: {} });
  worker.unref();
  // Whatever ends it, also while it begins; `once` rejects on an error by itself.
  worker.once('exit', onEnd);
  const ended = once(worker, 'exit').then(() => Promise.reject(new Error('the thread of languages ended')));
  await Promise.race([once(worker, 'message'), ended]);
  ended.catch(() => undefined);
  return new LanguageThread(worker);
}

class LanguageThread {
  readonly #worker: Worker;
  readonly #open = new Map<number, OpenQuestion>();
  #waiting: AskedLanguage[] = [];
  #number = 0;
  #ended = false;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (told: ToldLanguage[]) => this.#take(told));
    worker.on('error', (error) => this.#end(error));
    worker.on('exit', () => this.#end(new Error('it ended')));
  }

  ask(text: string): Promise<DetectedLanguage> {
    return new Promise((settle, refuse) => {
      if (this.#ended) return refuse(new Error('the thread of languages has ended'));
      if (this.#open.size >= mostOpen)
        return refuse(new Error(`${this.#open.size} texts wait for their language already`));
      const number = (this.#number += 1);
      this.#open.set(number, { settle, refuse });
      // One message for everything that is asked in the same turn.
      if (this.#waiting.push({ number, text }) > 1) return;
      setImmediate(() => {
        this.#worker.postMessage(this.#waiting);
        this.#waiting = [];
      });
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(told: ToldLanguage[]): void {
    for (const { number, ...detected } of told) {
      this.#open.get(number)?.settle(detected);
      this.#open.delete(number);
    }
  }

  #end(error: Error): void {
    this.#ended = true;
    for (const { refuse } of this.#open.values())
      refuse(new Error(`the thread of languages ended: ${error.message}`, { cause: error }));
    this.#open.clear();
  }
}
