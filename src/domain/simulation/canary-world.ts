import type { CanaryEvent } from '../analysis/canary-event.js';
import type { Arm } from '../rollout/traffic-plan.js';
import type { Draws } from './draws.js';

/** How often an event happens at a request to the champion, and how many times as often at one to the challenger. */
export interface EventRate {
  rate: number;
  ratio?: number;
}

export interface Users {
  count: number;
  /** Activity by a Pareto law with this exponent; all alike without it. */
  tail?: number;
  /** This part of the users has all the events, which then are as much more frequent with them. */
  troubled?: number;
  /** One user sends half of all requests. */
  flood?: boolean;
}

/** One way a canary can go. */
export interface CanaryWorld {
  requests: number;
  /** The challenger's share by part of the canary, all parts equally long. */
  shares: readonly number[];
  events: Readonly<Record<string, EventRate>>;
  /** Requests before the challenger begins to differ. */
  quiet?: number;
  requestsAnHour?: number;
  /** By day (12 hours) come this many times as many requests as by night. */
  dayToNight?: number;
  /** Null: every request is another user's. */
  users?: Users | null;
  /** Every `every` requests, on both arms alike, the next `length` have all events `times` as often. */
  bursts?: { every: number; length: number; times: number };
}

export interface SimulatedRequest {
  index: number;
  /** Seconds since the canary began. */
  t: number;
  user: number;
  arm: Arm;
  /** Place of its share in `shares`. */
  part: number;
  happened: string[];
}

const daySeconds = 86_400;

/** Seconds at which each request comes, from the first one on. */
function timesOf({ requestsAnHour = 2000, dayToNight = 1 }: CanaryWorld): (index: number) => number {
  const aDay = 24 * requestsAnHour;
  const byDay = (aDay * dayToNight) / (1 + dayToNight);
  return (index) => {
    const place = index % aDay;
    const part = place < byDay ? place / byDay : 1 + (place - byDay) / (aDay - byDay);
    return Math.floor(index / aDay) * daySeconds + (part * daySeconds) / 2;
  };
}

/** Weight of each user's requests, added up; the last is 1. */
export function cumulativeActivity({ users, draw }: { users: Users; draw: Draws }): Float64Array {
  const { count, tail, flood } = users;
  const weights = Float64Array.from({ length: count }, () =>
    tail === undefined ? 1 : (1 - draw.uniform()) ** (-1 / tail),
  );
  const total = weights.reduce((sum, one) => sum + one, 0);
  // The flood takes half of everything; the others keep their proportions in what is left.
  const scale = (flood ? 0.5 : 1) / total;
  let sum = flood ? 0.5 : 0;
  return weights.map((one) => (sum += one * scale));
}

/** The user of a uniform draw. */
function userAt({ activity, at }: { activity: Float64Array; at: number }): number {
  let [low, high] = [0, activity.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (activity[middle]! > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Users with their places on the line of buckets: a user is the challenger's while the place is under its share. */
export interface Population {
  activity: Float64Array;
  places: Float64Array;
}

export function populationOf({ users, draw }: { users: Users; draw: Draws }): Population {
  return {
    activity: cumulativeActivity({ users, draw }),
    places: Float64Array.from({ length: users.count }, () => draw.uniform()),
  };
}

export const partOf = ({ world, index }: { world: CanaryWorld; index: number }): number =>
  Math.floor((index * world.shares.length) / world.requests);

const burstOf = ({ bursts }: CanaryWorld, index: number): number =>
  bursts && index % bursts.every < bursts.length ? bursts.times : 1;

/**
 * The requests of a canary in their order; a user's arm follows from its place, as the gateway's buckets do.
 * @param only `events` leaves out requests at which nothing happened, which costs nothing then: the gaps between events
 * are drawn (thinning, Lewis and Shedler 1979), and the events are distributed as among all requests.
 */
export function* canaryRequests({
  world,
  draw,
  only = 'all',
  population = world.users ? populationOf({ users: world.users, draw }) : null,
}: {
  world: CanaryWorld;
  draw: Draws;
  only?: 'all' | 'events';
  population?: Population | null;
}): Generator<SimulatedRequest> {
  const { requests, shares, quiet = 0, users = null } = world;
  const troubled = users?.troubled ?? 1;
  const troubledEvery = Math.round(1 / troubled);
  const timeOf = timesOf(world);
  const streams = Object.entries(world.events).map(([event, { rate, ratio = 1 }]) => {
    const highest = Math.min(1, (rate / troubled) * Math.max(1, ratio) * (world.bursts?.times ?? 1));
    return { event, rate: rate / troubled, ratio, highest, next: draw.gap(highest) };
  });
  for (let index = 0; ; index += 1) {
    if (only === 'events') index = streams.reduce((least, { next }) => Math.min(least, next), Infinity);
    if (index >= requests) return;
    const user = pick(index);
    const place = population ? population.places[user]! : draw.uniform();
    const part = partOf({ world, index });
    const arm = place < shares[part]! ? 'challenger' : 'champion';
    const happened: string[] = [];
    for (const stream of streams) {
      if (stream.next !== index) continue;
      const worse = arm === 'challenger' && index >= quiet ? stream.ratio : 1;
      const hit = user % troubledEvery === 0 ? Math.min(1, stream.rate * worse * burstOf(world, index)) : 0;
      if (draw.uniform() * stream.highest < hit) happened.push(stream.event);
      stream.next = index + 1 + draw.gap(stream.highest);
    }
    if (only === 'all' || happened.length > 0) yield { index, t: timeOf(index), user, arm, part, happened };
  }

  function pick(index: number): number {
    return population ? userAt({ activity: population.activity, at: draw.uniform() }) : index;
  }
}

/** What a slow and a quick answer take, in milliseconds: on both sides of the default SLO. */
const latencies = { slow: 900, quick: 100 } as const;

/** All requests of a canary as rows of a file of events. */
export function simulateCanary({ world, draw }: { world: CanaryWorld; draw: Draws }): CanaryEvent[] {
  const others = Object.keys(world.events).filter((event) => event !== 'error' && event !== 'slow');
  const rows: CanaryEvent[] = [];
  for (const { t, user, arm, part, happened } of canaryRequests({ world, draw })) {
    const error = happened.includes('error');
    const row: CanaryEvent = { t, key: `u${user}`, arm, share: world.shares[part]!, error };
    if (world.events.slow) row.latencyMs = happened.includes('slow') ? latencies.slow : latencies.quick;
    for (const event of others) row[event] = happened.includes(event);
    rows.push(row);
  }
  return rows;
}
