import { canaryRequests, type CanaryWorld } from '../../src/domain/simulation/canary-world.js';
import type { Draws } from '../../src/domain/simulation/draws.js';

/** What a metrics server would tell window by window: requests and errors of both arms. */
export interface Windows {
  count: number;
  /** Requests of a window, both arms together. */
  size: number;
  challenger: { requests: Int32Array; errors: Int32Array };
  champion: { requests: Int32Array; errors: Int32Array };
}

/** One canary as all rules see it: its errors one by one, and windows. */
export interface ObservedCanary {
  errors: { request: number; challenger: boolean }[];
  windows: Windows;
}

/** A rule that may roll a canary back: after how many requests it does, null where it never does. */
export type Rule = (canary: ObservedCanary) => number | null;

const emptyArm = (count: number) => ({ requests: new Int32Array(count), errors: new Int32Array(count) });

/**
 * One canary whose requests are all of different users, at one share. Errors are the simulation's own; requests
 * without an error are split by their chance to be the challenger's.
 * @param size requests of a window; how long it lasts follows from the traffic.
 */
export function observeCanary({
  world,
  size,
  draw,
}: {
  world: CanaryWorld;
  size: number;
  draw: Draws;
}): ObservedCanary {
  const share = world.shares[0]!;
  const { rate, ratio = 1 } = world.events.error!;
  const withoutError = (share * (1 - rate * ratio)) / (1 - rate * (share * ratio + 1 - share));
  const count = Math.floor(world.requests / size);
  const windows: Windows = { count, size, challenger: emptyArm(count), champion: emptyArm(count) };
  const errors: ObservedCanary['errors'] = [];
  for (const { index, arm } of canaryRequests({ world, draw, only: 'events' })) {
    errors.push({ request: index + 1, challenger: arm === 'challenger' });
    const window = Math.floor(index / size);
    if (window < count) windows[arm].errors[window]! += 1;
  }
  for (let window = 0; window < count; window += 1) {
    const [ours, theirs] = [windows.challenger.errors[window]!, windows.champion.errors[window]!];
    const others = draw.successes({ trials: size - ours - theirs, p: withoutError });
    windows.challenger.requests[window] = others + ours;
    windows.champion.requests[window] = size - others - ours;
  }
  return { errors, windows };
}

/** Each `by` windows as one; what is left at the end belongs to none. */
export function merged({ windows, by }: { windows: Windows; by: number }): Windows {
  if (by === 1) return windows;
  const count = Math.floor(windows.count / by);
  const sums = (values: Int32Array): Int32Array =>
    Int32Array.from({ length: count }, (_, index) => {
      let sum = 0;
      for (let at = index * by; at < (index + 1) * by; at += 1) sum += values[at]!;
      return sum;
    });
  const of = (arm: 'challenger' | 'champion') => ({
    requests: sums(windows[arm].requests),
    errors: sums(windows[arm].errors),
  });
  return { count, size: windows.size * by, challenger: of('challenger'), champion: of('champion') };
}
