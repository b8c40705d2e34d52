import { admit, afterRefusal, afterReply, openPace, type PaceLimits } from '../../domain/evaluation/judge/pace.js';
import { pause } from '../heartbeat.js';
import { PortError } from '../ports.js';

/** The clock and the waiting; tests bring their own. */
export interface Timing {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export const systemTiming: Timing = { now: () => performance.now(), sleep: pause };

/** Lets calls start as fast as `limits` and the judge's own refusals allow; one for all activities of a worker. */
export interface Pacer {
  run<T>(input: { tokens: number; call: () => Promise<T> }): Promise<T>;
}

export function createPacer({ limits, timing }: { limits: PaceLimits; timing: Timing }): Pacer {
  let pace = openPace({ limits, now: timing.now() });
  let running = 0;
  const waiting: (() => void)[] = [];

  async function enter(tokens: number): Promise<void> {
    for (;;) {
      const asked = admit({ pace, now: timing.now(), running, tokens });
      pace = asked.pace;
      if (asked.waitMilliseconds === 0) break;
      if (asked.waitMilliseconds !== null) await timing.sleep(asked.waitMilliseconds);
      else await new Promise<void>((resolve) => waiting.push(resolve));
    }
    running += 1;
  }

  function leave(): void {
    running -= 1;
    const woken = waiting.splice(0, Math.max(1, pace.atOnce - running));
    for (const wake of woken) wake();
  }

  return {
    async run({ tokens, call }) {
      await enter(tokens);
      try {
        const value = await call();
        pace = afterReply(pace);
        return value;
      } catch (error) {
        if (error instanceof PortError && error.type === 'RateLimited')
          pace = afterRefusal({ pace, now: timing.now(), retryAfterMilliseconds: error.retryAfterMilliseconds });
        throw error;
      } finally {
        leave();
      }
    },
  };
}
