import type { CanaryEvent } from '../../../src/domain/analysis/canary-event.js';
import type { Draws } from './comparison-scenarios.js';

/** One way a canary can go. Rates are by request. */
export interface CanaryWorld {
  requests: number;
  /** The challenger's share by part of the canary, all parts equally long. */
  shares: readonly number[];
  /** Error rate of the champion, and how many times as many the challenger has. */
  errorRate: number;
  ratio: number;
  /** Requests before the challenger begins to be worse. */
  quiet?: number;
  requestsAnHour?: number;
  /** Users; without a number every request is another user's. */
  users?: number;
  /** Errors come by user: this part of the users has them all. */
  troubledUsers?: number;
  /** A user with half of all requests. */
  flood?: boolean;
  /** Rates of other events, the same on both arms. */
  events?: Readonly<Record<string, number>>;
  /** Errors on both arms are this many times as frequent in every tenth of the canary that is even. */
  bursts?: number;
}

/** The events of one canary; a user's arm follows from its place among the users, as the gateway's buckets do. */
export function simulateCanary({ world, draw }: { world: CanaryWorld; draw: Draws }): CanaryEvent[] {
  const { requests, shares, errorRate, ratio, quiet = 0, users = Infinity, troubledUsers = 1 } = world;
  const seconds = 3600 / (world.requestsAnHour ?? 2000);
  const places = Number.isFinite(users) ? Float64Array.from({ length: users }, () => draw.uniform()) : null;
  return Array.from({ length: requests }, (_, index) => {
    const user = pickUser();
    const place = places ? places[user]! : draw.uniform();
    const share = shares[Math.floor((index * shares.length) / requests)]!;
    const arm = place < share ? 'challenger' : 'champion';
    const worse = arm === 'challenger' && index >= quiet ? ratio : 1;
    const burst = world.bursts !== undefined && Math.floor((10 * index) / requests) % 2 === 0 ? world.bursts : 1;
    const troubled = troubledUsers === 1 || user % Math.round(1 / troubledUsers) === 0;
    const rate = troubled ? (errorRate * worse * burst) / troubledUsers : 0;
    const row: CanaryEvent = { t: index * seconds, key: `u${user}`, arm, share, error: draw.chance(Math.min(1, rate)) };
    for (const name in world.events) row[name] = draw.chance(world.events[name]!);
    return row;

    function pickUser(): number {
      if (!places) return index;
      return world.flood && draw.chance(0.5) ? 0 : draw.index(users);
    }
  });
}
