import { setMaxListeners } from 'node:events';
import { PortError } from '../activities/ports.js';

/**
 * Runs a call with a signal of its own, which aborts with the one that is given and after the time. Libraries leave
 * their listeners on the signal they get, and an activity's signal outlives thousands of calls. Rejects with the given
 * signal's reason once that aborts, and with a `PortError` of type `Timeout` after the time.
 */
export async function withOwnSignal<Result>({
  what,
  signal,
  timeoutMilliseconds = null,
  call,
}: {
  what: string;
  signal: AbortSignal;
  /** Null where the library keeps the time itself. */
  timeoutMilliseconds?: number | null;
  call: (own: AbortSignal) => Promise<Result>;
}): Promise<Result> {
  const own = new AbortController();
  const abort = (): void => own.abort(signal.reason);
  setMaxListeners(0, signal);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const late = (): void => own.abort(new PortError('Timeout', `${what}: no answer in ${timeoutMilliseconds} ms`));
  const timer = timeoutMilliseconds === null ? undefined : setTimeout(late, timeoutMilliseconds);
  try {
    return await call(own.signal);
  } catch (error) {
    own.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
