import type { BatchCounts } from '../../../contracts/batch.js';
import { startBatch } from '../../batch.js';
import type { UnderstudyClient } from '../../understudy-client.js';

/** How a run of a model's batch ended. */
export interface EndedBatch extends BatchCounts {
  model: string;
  due: number;
  unchanged: number;
  failedChunks: number;
  seconds: number;
}

/**
 * Runs the batch of a model now, and waits for its end.
 * @throws the signal's reason when it is aborted first; the run goes on by itself
 */
export async function runBatch({
  model,
  client,
  say,
  signal,
}: {
  model: string;
  client: Pick<UnderstudyClient, 'temporal' | 'store' | 'describe'>;
  say: (line: string) => void;
  signal: AbortSignal;
}): Promise<EndedBatch> {
  signal.throwIfAborted();
  const since = performance.now();
  const { specification } = await client.describe(model);
  say(`batch of ${model}: begins`);
  const run = await startBatch({ temporal: client.temporal, store: client.store, queuePrefix: '', specification });
  const stopped = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
  const { now, due, unchanged, summarised, deadLettered, tooFew, calls, repaired, pairs, chunks, unformatted } =
    await Promise.race([run.result(), stopped]);
  const seconds = Math.round((performance.now() - since) / 100) / 10;
  say(
    `batch of ${model}: ${now} after ${seconds} s; ${due} items to look at, ${unchanged} unchanged, ${summarised} ` +
      `summarised, ${deadLettered} dead letters, ${calls} calls, ${repaired} replies repaired`,
  );
  return {
    ...{ model, due, unchanged, summarised, deadLettered, tooFew, calls, repaired, pairs },
    ...{ failedChunks: chunks.failed, seconds, ...(unformatted !== undefined && { unformatted }) },
  };
}
