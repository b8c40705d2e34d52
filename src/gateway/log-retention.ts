import type { ArtifactStore } from '../activities/ports.js';
import { milliseconds } from '../domain/spec/quantities.js';
import type { Clock } from './clock.js';
import type { ModelState } from './plan-reader.js';

const hour = 3_600_000;

/**
 * Removes the hours of the request log that are older than each spec keeps them. Every gateway does it: removing twice
 * is no error.
 */
export async function removeOldLogs(input: {
  store: ArtifactStore;
  states: readonly ModelState[];
  clock: Clock;
}): Promise<{ removed: number }> {
  const { store, states, clock } = input;
  let removed = 0;
  for (const { plan, requestLog } of states) {
    if (requestLog.retention === null) continue;
    const oldest = clock() - milliseconds(requestLog.retention);
    for await (const { key } of store.list({ prefix: `requests/${plan.model}/` })) {
      const [date, time] = key.split('/').slice(2);
      // Keys come in the order of their times: from the first that is young enough on, all are.
      if (!(Date.parse(`${date}T${time}:00:00Z`) + hour <= oldest)) break;
      await store.remove({ key });
      removed += 1;
    }
  }
  return { removed };
}
