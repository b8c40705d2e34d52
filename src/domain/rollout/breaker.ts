import { z } from 'zod';
import { verdictKinds } from '../release/verdict.js';
import { formatShare } from '../statistics/format.js';

export const breakerSchema = z.object({
  event: z.string(),
  verdict: z.enum(verdictKinds),
  reason: z.string(),
  limit: z.number(),
  /** Both arms are over the limit. */
  sharedOutage: z.boolean(),
});
export type BreakerVerdict = z.infer<typeof breakerSchema>;

/** Keys seen in the window, and those whose first request in it was such an event. */
export interface WindowCounts {
  keys: number;
  events: number;
}

export const breakerFloors = { keys: 50, events: 5 } as const;

const isOver = ({ keys, events }: WindowCounts, limit: number): boolean =>
  keys >= breakerFloors.keys && events >= breakerFloors.events && events / keys > limit;

/**
 * An absolute limit over the last ten minutes, each key's first request. No test: it trips on what it sees, with at least
 * 50 keys and 5 events. Both arms over the limit is an outage that both share, and no reason to blame the challenger: it
 * is `inconclusive`, which holds. A champion without keys (nobody left on it) can't be over.
 */
export function judgeWindow({
  event,
  limit,
  champion,
  challenger,
}: {
  event: string;
  limit: number;
  champion: WindowCounts;
  challenger: WindowCounts;
}): BreakerVerdict {
  const share = challenger.keys === 0 ? 0 : challenger.events / challenger.keys;
  const seen = `${event} on ${challenger.events} of ${challenger.keys} keys (${formatShare(share)})`;
  const over = `${seen} > ${formatShare(limit)}`;
  const say = (verdict: BreakerVerdict['verdict'], reason: string, sharedOutage = false): BreakerVerdict => ({
    event,
    verdict,
    reason,
    limit,
    sharedOutage,
  });
  if (challenger.keys === 0) return say('unmeasured', `${event}: no key on the challenger in the window`);
  if (share <= limit) return say('pass', `${seen} <= ${formatShare(limit)}`);
  if (!isOver(challenger, limit))
    return say('inconclusive', `${over}, but under ${breakerFloors.keys} keys or ${breakerFloors.events} events`);
  if (isOver(champion, limit))
    return say('inconclusive', `shared outage: ${over}, champion ${champion.events} of ${champion.keys}`, true);
  return say('fail', `${over}, champion ${champion.events} of ${champion.keys}`);
}
