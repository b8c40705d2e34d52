import { defaultGuards, type GuardSpec } from '../spec/rollout-spec.js';
import type { CanaryWorld, EventRate } from './canary-world.js';

/** What a simulated canary is held against. */
export type CanaryTarget =
  /** Nothing is wrong: at most alpha of the canaries may be rolled back. */
  | { kind: 'quiet' }
  /** Something is wrong: at least this share found within the horizon, after at most so many requests on average. */
  | { kind: 'found'; least: number; meanRequests: number }
  /** Published, held against nothing. */
  | { kind: 'shown' };

export interface CanaryScenario {
  name: string;
  about: string;
  world: CanaryWorld;
  guards: readonly GuardSpec[];
  clocks: boolean;
  limits?: Readonly<Record<string, number>>;
  target: CanaryTarget;
}

const guard = (event: string, weight: number, margin = 0, direction: GuardSpec['direction'] = 'higher'): GuardSpec => ({
  event,
  direction,
  margin,
  weight,
});

const errorAlone = [guard('error', 2)];
/** Any difference is harm, so that a canary without a difference stands at the edge of what may not be rolled back. */
export const fiveGuards = [
  guard('error', 2),
  guard('slow', 2),
  guard('thumbsDown', 1),
  guard('blocked', 1),
  guard('conversion', 1, 0, 'lower'),
];
const error = { error: { rate: 0.01 } };
const threeTimes = { error: { rate: 0.01, ratio: 3 } };
/** Rates of the events beside errors, the same on both arms. */
export const otherRates: Readonly<Record<string, EventRate>> = {
  slow: { rate: 0.03 },
  thumbsDown: { rate: 0.02 },
  blocked: { rate: 0.01 },
  conversion: { rate: 0.05 },
};
const plain: CanaryWorld = { requests: 40_000, shares: [0.05], events: error };
const steps = [0.01, 0.05, 0.25, 0.5];

const quiet = (name: string, about: string, world: Partial<CanaryWorld>, guards = errorAlone): CanaryScenario => ({
  ...{ name, about, guards, clocks: true, target: { kind: 'quiet' } },
  world: { ...plain, ...world },
});
const found = (
  input: Pick<CanaryScenario, 'name' | 'about' | 'guards' | 'clocks' | 'target'> & { world: Partial<CanaryWorld> },
): CanaryScenario => ({ ...input, world: { ...plain, events: threeTimes, ...input.world } });

/** The canaries that `understudy simulate canary` runs, by name. Margins are 0 where nothing else is said. */
export const canaryScenarios: readonly CanaryScenario[] = [
  quiet('plain', 'no difference, one guard', {}),
  quiet('five-guards', 'no difference, five guards', { events: { ...error, ...otherRates } }, fiveGuards),
  quiet('heavy-users', 'activity by a Pareto law, a tenth of the users has all errors', {
    users: { count: 4000, tail: 1.2, troubled: 0.1 },
  }),
  quiet('one-user-half', 'one user sends half of all requests, and has errors', {
    users: { count: 4000, troubled: 0.1, flood: true },
  }),
  quiet('bursts', 'on both arms 30 times the errors for 200 requests in 4,000, rising shares', {
    bursts: { every: 4000, length: 200, times: 30 },
    shares: steps,
    users: { count: 8000 },
  }),
  quiet('changing-traffic', 'ten times the traffic by day, five days, rising shares', {
    dayToNight: 10,
    requestsAnHour: 333,
    shares: steps,
  }),
  quiet('better', 'the challenger has half the errors', { events: { error: { rate: 0.01, ratio: 0.5 } } }),
  quiet(
    'better-regulars',
    'the challenger is better, and users come back until all have had each event',
    {
      events: { slow: { rate: 0.05, ratio: 0.5 }, conversion: { rate: 0.05, ratio: 1.5 } },
      users: { count: 1000 },
      shares: [0.5],
      requests: 100_000,
    },
    [guard('slow', 1), guard('conversion', 1, 0, 'lower')],
  ),
  quiet('better-troubled', 'the challenger has half the errors, which a tenth of the users has again and again', {
    events: { error: { rate: 0.01, ratio: 0.5 } },
    users: { count: 4000, troubled: 0.1 },
    shares: [0.5],
    requests: 200_000,
  }),
  quiet('ten-times-horizon', 'no difference, ten times as many requests', { requests: 400_000 }),
  quiet(
    'at-the-margin',
    'the guards of a spec by default, errors worse by exactly the margin',
    { events: { error: { rate: 0.01, ratio: 1.2 }, ...otherRates } },
    defaultGuards,
  ),
  found({
    name: 'triple-errors',
    about: 'three times the errors, one guard, one clock',
    world: {},
    ...{ guards: errorAlone, clocks: false, target: { kind: 'found', least: 0.99, meanRequests: 9000 } },
  }),
  found({
    name: 'triple-errors-five-guards',
    about: 'three times the errors, five guards, all clocks',
    world: { events: { ...threeTimes, ...otherRates } },
    ...{ guards: fiveGuards, clocks: true, target: { kind: 'found', least: 0.99, meanRequests: 13_500 } },
  }),
  found({
    name: 'triple-errors-after-quiet',
    about: 'three times the errors after 20 quiet hours, one guard, all clocks',
    world: { requests: 140_000, quiet: 40_000 },
    ...{ guards: errorAlone, clocks: true, target: { kind: 'found', least: 0.99, meanRequests: 25_000 } },
  }),
  found({
    name: 'triple-errors-with-margins',
    about: 'three times the errors, the guards of a spec by default',
    world: { events: { ...threeTimes, ...otherRates }, requests: 80_000 },
    ...{ guards: defaultGuards, clocks: true, target: { kind: 'shown' } },
  }),
  {
    ...quiet('error-limit', 'no difference, 20 requests a second: the absolute limit of 2 % alone', {
      requestsAnHour: 72_000,
    }),
    ...{ guards: [], limits: { error: 0.02 }, target: { kind: 'shown' } },
  },
];
