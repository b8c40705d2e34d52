import { asyncLocalStorage, CancelledFailure, type Context } from '@temporalio/activity';

/** The running activity, or null where the same code runs without Temporal (the command line, unit tests). */
const current = (): Context | null => asyncLocalStorage.getStore() ?? null;

const neverAborted = new AbortController().signal;

/** Says that the work goes on; `details` is what a retry starts from. */
export const heartbeat = (details: unknown): void => current()?.heartbeat(details);

/**
 * Does `work` with signs of life in between: a step of it may take longer than a worker may be silent. `details` are those
 * of `heartbeat`, as they are at each sign.
 */
export async function alive<Result>({
  everyMilliseconds,
  details,
  work,
}: {
  everyMilliseconds: number;
  details: () => unknown;
  work: () => Promise<Result>;
}): Promise<Result> {
  const timer = setInterval(() => heartbeat(details()), everyMilliseconds);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Aborts when the activity is cancelled or its worker shuts down. */
export const cancellationSignal = (): AbortSignal => current()?.cancellationSignal ?? neverAborted;

/** What the last attempt left with its heartbeat; undefined on the first. */
export const lastHeartbeat = (): unknown => current()?.info.heartbeatDetails as unknown;

/** Waits, or rejects at once when the activity is cancelled. */
export async function pause(milliseconds: number): Promise<void> {
  const context = current();
  if (context) return await context.sleep(milliseconds);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export const throwIfCancelled = (): void => {
  if (cancellationSignal().aborted) throw new CancelledFailure('cancelled');
};
