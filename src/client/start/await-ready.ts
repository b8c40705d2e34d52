import { setTimeout as sleep } from 'node:timers/promises';
import type { Component } from './component.js';

const pauseMilliseconds = 250;
const probeMilliseconds = 5000;

/**
 * Asks until the component answers. Resolves with null when it does, with the last reason when the deadline passed.
 * Rejects when `signal` is aborted.
 */
export async function awaitReady({
  component,
  startedAt,
  signal,
}: {
  component: Component;
  startedAt: Date;
  signal: AbortSignal;
}): Promise<string | null> {
  const deadline = Date.now() + component.readyMilliseconds;
  for (;;) {
    const attempt = AbortSignal.any([signal, AbortSignal.timeout(probeMilliseconds)]);
    const missing = await component
      .probe({ signal: attempt, startedAt })
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    signal.throwIfAborted();
    if (missing === null) return null;
    if (Date.now() >= deadline)
      return `no answer within ${Math.round(component.readyMilliseconds / 1000)} s (${missing})`;
    await sleep(pauseMilliseconds, undefined, { signal });
  }
}
