import { availableParallelism } from 'node:os';
import type { DatasetPlan } from '../domain/dataset/plan.js';
import type { ThreadSettings } from './dataset-clean-thread.js';
import type { CleanedLines } from './dataset-item-cleaner.js';
import type { RawItem } from './dataset-source.js';
import { openThread } from './open-thread.js';

/** Each holds the tables of languages, so that more would not fit into the memory of a build. */
const mostThreads = 2;
/** Lists of items that wait for a thread, so that it never waits for them. */
const listsAhead = 2;
/** Tight heaps: what a row leaves behind is collected soon. The tables take some 75 MB of the old one. */
const heap = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 12 };

const entry = new URL('./dataset-clean-thread', import.meta.url);

/** A thread and what was asked of it, in order. */
interface CleaningThread {
  ask: (items: readonly RawItem[]) => Promise<CleanedLines>;
  stop: () => Promise<unknown>;
}

function startThread(settings: ThreadSettings): CleaningThread {
  const worker = openThread({ entry, options: { workerData: settings, resourceLimits: heap } });
  const waiting: { settle: (cleaned: CleanedLines) => void; refuse: (error: Error) => void }[] = [];
  let failure: Error | null = null;
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { refuse } of waiting.splice(0)) refuse(failure);
  };
  worker.on('message', (cleaned: CleanedLines) => waiting.shift()!.settle(cleaned));
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('a thread that cleans ended early')));
  return {
    ask: (items) =>
      new Promise((settle, refuse) => {
        if (failure !== null) return refuse(failure);
        waiting.push({ settle, refuse });
        worker.postMessage(items);
      }),
    stop: () => worker.terminate(),
  };
}

/**
 * Cleans lists of items in threads of their own, which takes the work off this thread, spreads it over two cores and
 * gives all memory back at the end. The lines come in the order of the items, so that nothing depends on the threads.
 */
export async function* cleanInThreads({
  lists,
  plan,
}: {
  lists: AsyncIterable<readonly RawItem[]>;
  plan: DatasetPlan;
}): AsyncGenerator<CleanedLines> {
  const settings: ThreadSettings = { data: plan.data, pseudonymKey: plan.pseudonyms.revealKey() };
  const count = Math.max(1, Math.min(mostThreads, availableParallelism() - 1));
  const threads = Array.from({ length: count }, () => startThread(settings));
  const asked: Promise<CleanedLines>[] = [];
  let next = 0;
  try {
    for await (const items of lists) {
      const answer = threads[next++ % count]!.ask(items);
      // It is awaited in its turn; until then a failure of it is no unhandled one.
      answer.catch(() => undefined);
      asked.push(answer);
      if (asked.length >= count * (1 + listsAhead)) yield await asked.shift()!;
    }
    for (const answer of asked) yield await answer;
  } finally {
    await Promise.all(threads.map(({ stop }) => stop()));
  }
}
