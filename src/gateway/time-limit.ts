import type { Cancellation } from './cancellation.js';

/** Limits the waits of one stream; each wait has the whole time. */
export interface TimeLimit {
  signal: AbortSignal;
  timedOut(): boolean;
  /** Gives the next wait the whole time again. */
  restart(): void;
  /** The time the caller takes is not the endpoint's. */
  pause(): void;
  end(): void;
  /** Ends it together with what is still under way. */
  abort(): void;
}

export function timeLimit(input: { timeoutMilliseconds: number; cancellation: Cancellation }): TimeLimit {
  const { timeoutMilliseconds, cancellation } = input;
  const controller = new AbortController();
  let late = false;
  const arm = () =>
    setTimeout(() => {
      late = true;
      controller.abort();
    }, timeoutMilliseconds);
  let timer = arm();
  const forget = cancellation.onCancel(() => controller.abort());
  const end = () => {
    clearTimeout(timer);
    forget();
  };
  return {
    signal: controller.signal,
    timedOut: () => late,
    restart: () => {
      clearTimeout(timer);
      timer = arm();
    },
    pause: () => clearTimeout(timer),
    end,
    abort: () => {
      end();
      controller.abort();
    },
  };
}
