import { breakerFloors, judgeWindow, type BreakerVerdict, type WindowCounts } from '../rollout/breaker.js';
import type { Arm } from '../rollout/traffic-plan.js';

/** The window of the absolute limits, in seconds. */
export const windowSeconds = 600;

interface Request {
  at: number;
  key: string;
  arm: Arm;
  happened: boolean;
  next: Request | null;
}

/**
 * One absolute limit over a sliding window. Only a key's first request in the window counts, so that one user's retries
 * are one user; when it leaves the window, the key's next request takes its place.
 */
export interface BreakerWindow {
  /** Adds a request and says what the window shows now; times that go back count as the latest seen. */
  add(request: { at: number; key: string; arm: Arm; happened: boolean }): BreakerVerdict['verdict'];
  judge(): BreakerVerdict;
}

export function breakerWindow({ event, limit }: { event: string; limit: number }): BreakerWindow {
  const counts: Record<Arm, WindowCounts> = {
    champion: { keys: 0, events: 0 },
    challenger: { keys: 0, events: 0 },
  };
  const latest = new Map<string, Request>();
  const queue: Request[] = [];
  let head = 0;
  let now = -Infinity;

  const count = (request: Request, by: 1 | -1): void => {
    counts[request.arm].keys += by;
    if (request.happened) counts[request.arm].events += by;
  };
  const expire = (request: Request): void => {
    count(request, -1);
    if (request.next === null) latest.delete(request.key);
    else count(request.next, 1);
  };
  const judge = (): BreakerVerdict => judgeWindow({ event, limit, ...counts });

  return {
    judge,
    add({ at, key, arm, happened }) {
      now = Math.max(now, at);
      while (head < queue.length && queue[head]!.at <= now - windowSeconds) {
        expire(queue[head]!);
        head += 1;
      }
      if (head > 4096) {
        queue.splice(0, head);
        head = 0;
      }
      const request: Request = { at: now, key, arm, happened, next: null };
      queue.push(request);
      const before = latest.get(key);
      if (before) before.next = request;
      else count(request, 1);
      latest.set(key, request);
      const { keys, events } = counts.challenger;
      const quiet = keys < breakerFloors.keys || events < breakerFloors.events || events / keys <= limit;
      return quiet ? 'pass' : judge().verdict;
    },
  };
}
