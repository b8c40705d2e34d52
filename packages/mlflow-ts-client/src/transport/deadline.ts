import { MlflowTimeoutError } from '../errors.js';

/**
 * Ends an attempt when the caller aborts or when nothing moves for `timeoutMs`. The clock restarts with every piece of
 * a stream, so a large file may take as long as it needs while a dead connection is noticed.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #callerSignal: AbortSignal | undefined;
  readonly #timeoutMs: number;
  readonly #what: string;
  #timer: NodeJS.Timeout | undefined;
  readonly #onCallerAbort = () => this.#controller.abort(this.#callerSignal?.reason);

  constructor(input: { signal: AbortSignal | undefined; timeoutMs: number; what: string }) {
    this.#callerSignal = input.signal;
    this.#timeoutMs = input.timeoutMs;
    this.#what = input.what;
    input.signal?.throwIfAborted();
    input.signal?.addEventListener('abort', this.#onCallerAbort, { once: true });
    this.restart();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Starts the clock anew. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const message = `${this.#what}: nothing happened within ${this.#timeoutMs} ms. Raise timeoutMs or look at the server.`;
      this.#controller.abort(new MlflowTimeoutError({ message, timeoutMs: this.#timeoutMs }));
    }, this.#timeoutMs);
  }

  /** Ends the attempt with a reason of our own, such as the failure of what was being sent. */
  fail(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Stops the clock while it is the caller's turn; the caller's signal still counts. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Lets go of the clock and of the caller's signal. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#callerSignal?.removeEventListener('abort', this.#onCallerAbort);
  }
}

/** Waits `ms` milliseconds; an abort ends the wait at once with the signal's reason. */
export function wait(input: { ms: number; signal: AbortSignal | undefined }): Promise<void> {
  return new Promise((resolve, reject) => {
    input.signal?.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(input.signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      input.signal?.removeEventListener('abort', onAbort);
      resolve();
    }, input.ms);
    input.signal?.addEventListener('abort', onAbort, { once: true });
  });
}
