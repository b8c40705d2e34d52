import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../../contracts/release.js';
import type { EndedRelease } from '../../../domain/release/lifecycle-state.js';
import type { ReleaseStatus } from '../../understudy-client.js';
import { narrate, type Told } from './narrate.js';

const againMilliseconds = 1000;

/** What following a release needs of the client library. */
export interface ReleaseWatcher {
  watch(input: { model: string; releaseId: string; signal: AbortSignal }): AsyncIterable<ReleaseStatus>;
}

/**
 * Follows a release to its end and says what happens. A Temporal server or worker that is away for a while is waited
 * for.
 * @throws the signal's reason when it is aborted first, and what `onProgress` throws.
 */
export async function followRelease({
  client,
  model,
  releaseId,
  say,
  onProgress,
  signal,
}: {
  client: ReleaseWatcher;
  model: string;
  releaseId: string;
  say: (line: string) => void;
  /** Adds to `told` what it says itself. */
  onProgress: (input: { progress: Progress; told: Told }) => Promise<void>;
  signal: AbortSignal;
}): Promise<EndedRelease> {
  let before: Progress | null = null;
  let complaint = '';
  const told: Told = new Set();
  for (;;) {
    try {
      for await (const { progress, ended } of client.watch({ model, releaseId, signal })) {
        complaint = '';
        if (ended !== null) return ended;
        if (progress === null) continue;
        for (const line of narrate({ before, now: progress, told })) say(line);
        before = progress;
        await onProgress({ progress, told });
      }
    } catch (error) {
      signal.throwIfAborted();
      const message = `can't follow ${releaseId} at the moment: ${(error as Error).message}`;
      if (message !== complaint) say(message);
      complaint = message;
    }
    signal.throwIfAborted();
    await sleep(againMilliseconds, undefined, { signal });
  }
}
