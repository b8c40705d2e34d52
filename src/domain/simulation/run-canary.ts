import { guardTally } from '../analysis/canary-tally.js';
import { breakerWindow } from '../analysis/canary-window.js';
import { guardTest } from '../rollout/guard-state.js';
import { guardAlphas } from '../rollout/guards.js';
import { sampleRatio } from '../rollout/sample-ratio.js';
import type { GuardSpec } from '../spec/rollout-spec.js';
import { canaryRequests, populationOf, type CanaryWorld, type Population } from './canary-world.js';
import type { Draws } from './draws.js';

/** What decides over a simulated canary. */
export interface CanaryRules {
  guards: readonly GuardSpec[];
  /** Split over the guards by weight. */
  alpha: number;
  /** False runs the clock from the canary's start only. */
  clocks: boolean;
  /** Absolute limits by event. */
  limits?: Readonly<Record<string, number>>;
}

/** How one simulated canary ended. */
export interface CanaryOutcome {
  /** What took the traffic back, and at which request, from 1; null when nothing did. */
  trip: { by: string; request: number; t: number } | null;
  /** Whether keys were split as planned; null where the canary ended before the horizon. */
  sampleRatio: 'pass' | 'unmeasured' | null;
}

/**
 * One canary under the code that decides in earnest: every event is a look, which is the most often one can look. It
 * ends with the first guard or limit that fails.
 */
export function runCanary({
  world,
  rules,
  draw,
}: {
  world: CanaryWorld;
  rules: CanaryRules;
  draw: Draws;
}): CanaryOutcome {
  const { guards, alpha, clocks, limits = {} } = rules;
  const alphas = guardAlphas({ guards, alpha });
  const shares: number[] = [];
  const tallies = new Map(
    guards.map((spec, index) => [
      spec.event,
      guardTally({ test: guardTest({ ...spec, alpha: alphas[index]! }), shares, clocks }),
    ]),
  );
  const windows = Object.entries(limits).map(([event, limit]) => ({ event, window: breakerWindow({ event, limit }) }));
  const population = world.users ? populationOf({ users: world.users, draw }) : null;
  const keysAt = expectedKeys({ world, population });
  // An absolute limit looks at every key, not only at those with an event.
  const only = windows.length > 0 ? 'all' : 'events';
  for (const { index, t, user, arm, part, happened } of canaryRequests({ world, draw, only, population })) {
    while (shares.length <= part) shares.push(world.shares[shares.length]!);
    const key = `u${user}`;
    const place = { row: index + 1, t };
    for (const event of happened) {
      const failed = tallies.get(event)?.add({ place, seconds: t, key, arm, revision: part, keys: keysAt(index) });
      if (failed) return { trip: { by: `guard ${event}`, request: index + 1, t }, sampleRatio: null };
    }
    for (const { event, window } of windows)
      if (window.add({ at: t, key, arm, happened: happened.includes(event) }) === 'fail')
        return { trip: { by: `${event} limit`, request: index + 1, t }, sampleRatio: null };
  }
  return { trip: null, sampleRatio: sampleRatio({ revisions: drawKeys({ world, population, draw }) }).verdict };
}

const keysAtPoints = 16;

/** Distinct keys to be expected by a request; what a gateway counts, the simulation has not drawn. */
function expectedKeys({ world, population }: { world: CanaryWorld; population: Population | null }) {
  if (population === null) return (index: number): number => index + 1;
  const step = world.requests / keysAtPoints;
  const { activity } = population;
  const weights = activity.map((sum, user) => sum - (user === 0 ? 0 : activity[user - 1]!));
  const known = Float64Array.from({ length: keysAtPoints + 1 }, (_, point) =>
    weights.reduce((sum, weight) => sum + 1 - (1 - weight) ** (point * step), 0),
  );
  return (index: number): number => {
    const point = Math.floor(index / step);
    const [from, to] = [known[point]!, known[Math.min(point + 1, keysAtPoints)]!];
    return Math.max(1, from + (to - from) * (index / step - point));
  };
}

/** Distinct keys by part and arm, drawn apart from the events, which are too few to matter to their split. */
function drawKeys({ world, population, draw }: { world: CanaryWorld; population: Population | null; draw: Draws }) {
  const parts = world.shares.map((share, revision) => ({ revision, share, challenger: 0, champion: 0 }));
  const requests = parts.map(() => 0);
  const step = world.requests / parts.length;
  for (let part = 0; part < parts.length; part += 1)
    requests[part] = Math.ceil((part + 1) * step) - Math.ceil(part * step);
  if (population === null) {
    for (const one of parts) {
      const trials = requests[one.revision]!;
      one.challenger = draw.successes({ trials, p: one.share });
      one.champion = trials - one.challenger;
    }
    return parts;
  }
  population.places.forEach((place, user) => {
    const weight = population.activity[user]! - (user === 0 ? 0 : population.activity[user - 1]!);
    const first = parts.find(({ revision }) => draw.chance(1 - (1 - weight) ** requests[revision]!));
    if (first) first[place < first.share ? 'challenger' : 'champion'] += 1;
  });
  return parts;
}
