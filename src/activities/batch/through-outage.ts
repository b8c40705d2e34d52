import type { Timing } from '../judging/pacer.js';
import { throwIfCancelled } from '../heartbeat.js';
import { PortError } from '../ports.js';

/** How long a store that is away is waited for, so that an answer that was paid for is not lost. */
const patienceMilliseconds = 120_000;
const firstPause = 250;
const longestPause = 5000;

/** Does the work again while the outside is away, for two minutes at most; then Temporal tries the whole activity again. */
export async function throughOutage<T>({ timing, work }: { timing: Timing; work: () => Promise<T> }): Promise<T> {
  const until = timing.now() + patienceMilliseconds;
  for (let pause = firstPause; ; pause = Math.min(longestPause, pause * 2)) {
    try {
      return await work();
    } catch (error) {
      throwIfCancelled();
      if (!(error instanceof PortError) || !error.retryable || timing.now() + pause > until) throw error;
      await timing.sleep(pause);
    }
  }
}
