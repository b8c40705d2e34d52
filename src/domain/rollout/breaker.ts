import { z } from 'zod';
import { verdictKinds } from '../release/verdict.js';
import { binomialCdf } from '../statistics/distributions.js';
import { formatNumber, formatShare } from '../statistics/format.js';

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

/** At the limit exactly, so many events or more come up this seldom in a window that is over. */
const chanceLimit = 0.01;

/**
 * How likely as many events or more are where the true share is the limit: the exact binomial tail. A window of 60 keys
 * has 5 events now and then at half the limit; over a day of windows such chances add up to rollbacks of good releases.
 */
const chanceAtLimit = ({ keys, events }: WindowCounts, limit: number): number =>
  binomialCdf({ successes: keys - events, trials: keys, p: 1 - limit });

const isOver = ({ keys, events }: WindowCounts, limit: number): boolean =>
  keys >= breakerFloors.keys && events >= breakerFloors.events && events / keys > limit;

/**
 * Whether the champion is over the limit too: by the floors, or beyond chance whatever its number of keys. A holdback of
 * 5 % has seldom 50 of them in ten minutes, and all of them failing is no less an outage.
 */
const isShared = (champion: WindowCounts, limit: number): boolean =>
  isOver(champion, limit) || (champion.events > limit * champion.keys && chanceAtLimit(champion, limit) <= chanceLimit);

/**
 * An absolute limit over the last ten minutes, each key's first request. It trips over the limit with at least 50 keys
 * and 5 events, where a share at the limit does not explain them. It makes no promise over many looks: it is there for
 * what is plainly broken, and guards are for the rest. Both arms over the limit is an outage that both share, and no reason to blame the challenger: it
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
  const chance = chanceAtLimit(challenger, limit);
  if (chance > chanceLimit)
    return say('inconclusive', `${over}, but a share at the limit shows as many with p ${formatNumber(chance)}`);
  if (isShared(champion, limit))
    return say('inconclusive', `shared outage: ${over}, champion ${champion.events} of ${champion.keys}`, true);
  return say('fail', `${over}, champion ${champion.events} of ${champion.keys}`);
}
