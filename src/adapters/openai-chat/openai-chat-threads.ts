import { setMaxListeners } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { openThread } from '../../activities/open-thread.js';
import { type ChatModel, type ChatReply, PortError } from '../../activities/ports.js';
import type { OpenAiChatSettings } from './openai-chat.js';
import type { Told, ToThread } from './openai-chat-thread.js';

const entry = new URL('./openai-chat-thread', import.meta.url);
/** One thread asks over a thousand questions a second; the second takes what a busy first one would let wait. */
const threadCount = 2;
/** A small young generation: what an answer leaves behind is collected soon. */
const heap = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 12 };

interface OpenCall {
  settle: (reply: ChatReply) => void;
  refuse: (error: unknown) => void;
}

interface ThreadsSettings extends Omit<OpenAiChatSettings, 'connections'> {
  /** Requests under way at once, all threads together: at least as many as there are threads. */
  concurrency: number;
}

/**
 * Chat completions over threads of their own, so that many calls at once leave the thread that asks free to go on.
 * What is asked beyond `concurrency` waits in a thread, which sends it in the moment that a connection is free.
 * Budgets and rates are the asker's, as with `OpenAiChat`.
 */
export class OpenAiChatThreads implements ChatModel {
  readonly #settings: ThreadsSettings;
  readonly #threads: (ChatThread | null)[] = Array.from({ length: threadCount }, () => null);
  readonly #openOf = new WeakMap<AbortSignal, Map<number, ChatThread>>();
  #number = 0;

  constructor(settings: ThreadsSettings) {
    this.#settings = settings;
  }

  /** Starts the threads, so that the first questions need not wait for them. */
  start(): void {
    this.#all();
  }

  /** Rejects with the signal's reason once that aborts. */
  async complete({ signal, ...call }: Parameters<ChatModel['complete']>[0]): Promise<ChatReply> {
    signal.throwIfAborted();
    const number = (this.#number += 1);
    const thread = this.#freest();
    const open = this.#callsOf(signal);
    open.set(number, thread);
    try {
      return await thread.ask({ number, call });
    } finally {
      open.delete(number);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(async (thread) => thread?.stop()));
  }

  /** One listener a signal, however many calls it covers: an activity's signal outlives thousands. */
  #callsOf(signal: AbortSignal): Map<number, ChatThread> {
    const known = this.#openOf.get(signal);
    if (known) return known;
    const open = new Map<number, ChatThread>();
    this.#openOf.set(signal, open);
    setMaxListeners(0, signal);
    const cancel = (): void => {
      for (const [number, thread] of open) thread.cancel({ number, reason: signal.reason });
    };
    signal.addEventListener('abort', cancel, { once: true });
    return open;
  }

  /** The thread that holds the fewest questions, so that none waits for a connection while another has one free. */
  #freest(): ChatThread {
    return this.#all().reduce((least, thread) => (thread.held < least.held ? thread : least));
  }

  #all(): ChatThread[] {
    return Array.from({ length: threadCount }, (_, place) => {
      const known = this.#threads[place];
      if (known && !known.ended) return known;
      const { concurrency, ...settings } = this.#settings;
      const connections = Math.floor((concurrency + place) / threadCount);
      return (this.#threads[place] = new ChatThread({ ...settings, connections }));
    });
  }
}

/** One thread and what it was asked. It keeps the process alive only while it answers something. */
class ChatThread {
  ended = false;
  readonly #worker: Worker;
  readonly #open = new Map<number, OpenCall>();
  #waiting: ToThread | null = null;

  constructor(settings: OpenAiChatSettings) {
    this.#worker = openThread({ entry, options: { workerData: settings, resourceLimits: heap } });
    this.#worker.unref();
    this.#worker.on('message', (told: Told[]) => this.#take(told));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new Error('it ended')));
  }

  /** Questions without an answer yet. */
  get held(): number {
    return this.#open.size;
  }

  ask(asked: ToThread['asked'][number]): Promise<ChatReply> {
    return new Promise((settle, refuse) => {
      if (this.#open.size === 0) this.#worker.ref();
      this.#open.set(asked.number, { settle, refuse });
      this.#next().asked.push(asked);
    });
  }

  cancel({ number, reason }: { number: number; reason: unknown }): void {
    this.#next().cancelled.push(number);
    this.#leave(number)?.refuse(reason);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  /** One message for everything that is asked in the same turn. */
  #next(): ToThread {
    if (this.#waiting !== null) return this.#waiting;
    setImmediate(() => {
      this.#worker.postMessage(this.#waiting);
      this.#waiting = null;
    });
    return (this.#waiting = { asked: [], cancelled: [] });
  }

  #take(told: Told[]): void {
    for (const one of told) {
      const call = this.#leave(one.number);
      if ('reply' in one) call?.settle(one.reply);
      else {
        const { type, message, retryAfterMilliseconds } = one.failure;
        call?.refuse(new PortError(type, message, retryAfterMilliseconds));
      }
    }
  }

  #leave(number: number): OpenCall | undefined {
    const call = this.#open.get(number);
    if (this.#open.delete(number) && this.#open.size === 0) this.#worker.unref();
    return call;
  }

  #end(error: Error): void {
    this.ended = true;
    for (const [number, { refuse }] of [...this.#open]) {
      this.#open.delete(number);
      refuse(new PortError('Unavailable', `the thread that asks ended: ${error.message}`, null, { cause: error }));
    }
  }
}
