import { afterFailure, afterReply, openConcurrency } from '../../domain/summaries/adaptive-concurrency.js';
import type { Timing } from '../judging/pacer.js';
import { PortError } from '../ports.js';

/** Lets so many calls run at once as the endpoint can take. */
export interface Gate {
  /** How many that is now. */
  readonly atOnce: number;
  run<T extends { milliseconds: number }>(call: () => Promise<T>): Promise<T>;
}

/** A gate that opens at `atOnce` and learns from every reply, 429, 5xx and timeout. */
export function createGate({ most, atOnce, timing }: { most: number; atOnce: number; timing: Timing }): Gate {
  let state = openConcurrency({ most, atOnce, now: timing.now() });
  let running = 0;
  const waiting: (() => void)[] = [];

  async function enter(): Promise<void> {
    for (;;) {
      const pause = state.notBefore - timing.now();
      if (pause > 0) await timing.sleep(pause);
      else if (running >= state.atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
      else break;
    }
    running += 1;
  }

  function leave(): void {
    running -= 1;
    for (const wake of waiting.splice(0, Math.max(1, state.atOnce - running))) wake();
  }

  return {
    get atOnce() {
      return state.atOnce;
    },
    async run(call) {
      await enter();
      try {
        const value = await call();
        state = afterReply(state, value);
        return value;
      } catch (error) {
        if (error instanceof PortError && error.retryable)
          state = afterFailure(state, {
            now: timing.now(),
            retryAfterMilliseconds: error.retryAfterMilliseconds,
          });
        throw error;
      } finally {
        leave();
      }
    },
  };
}
