import type { CanaryWorld } from '../../src/domain/simulation/canary-world.js';
import { canarySeed } from '../../src/domain/simulation/canary-seed.js';
import { draws } from '../../src/domain/simulation/draws.js';
import { kayentaRule } from './kayenta.js';
import { argoRule, betaMixtureRule, flaggerRule, guardRule } from './rules.js';
import { observeCanary, type ObservedCanary, type Rule } from './windows.js';

export const alpha = 0.01;
export const share = 0.05;
/** A window of the simulation is one minute. */
export const perMinute = 40;
export const horizon = 40_000;
const world: CanaryWorld = {
  ...{ requests: horizon, shares: [share], requestsAnHour: 60 * perMinute },
  events: { error: { rate: 0.01 } },
};
export const worlds = {
  quiet: world,
  quietTenTimes: { ...world, requests: 10 * horizon },
  faulty: { ...world, events: { error: { rate: 0.01, ratio: 3 } } },
} satisfies Record<string, CanaryWorld>;
export type WorldName = keyof typeof worlds;

export interface Method {
  name: string;
  /** Where its rule and its numbers come from. */
  source: string;
  rule: Rule;
  /** Ours, which the targets are about. */
  ours?: boolean;
}

/** A method's rules with every setting that is tried for it. */
export interface Tunable {
  name: string;
  source: string;
  rules: { settings: string; rule: Rule }[];
}

const cross = <A, B, C>(as: readonly A[], bs: readonly B[], cs: readonly C[]): [A, B, C][] =>
  as.flatMap((a) => bs.flatMap((b) => cs.map((c): [A, B, C] => [a, b, c])));

/** What each project's documentation shows first, on windows of a minute. */
export const atDefaults: readonly Method[] = [
  {
    name: 'Understudy: guard, start clock',
    source: 'docs/canary.md',
    rule: guardRule({ alpha, share, clocks: false, requestsAnHour: 60 * perMinute }),
    ours: true,
  },
  {
    name: 'Understudy: guard, all clocks',
    source: 'docs/canary.md',
    rule: guardRule({ alpha, share, clocks: true, requestsAnHour: 60 * perMinute }),
    ours: true,
  },
  {
    name: 'Argo Rollouts, as documented',
    source: 'argo-rollouts docs/features/analysis.md: interval 5m, success rate >= 95 %, failureLimit 3',
    rule: argoRule({ by: 5, most: 0.05, failureLimit: 3 }),
  },
  {
    name: 'Flagger, as documented',
    source: 'flagger docs/gitbook/usage/how-it-works.md: interval 1m, success rate >= 99 %, threshold 10',
    rule: flaggerRule({ by: 1, most: 0.01, threshold: 10 }),
  },
  {
    name: 'Kayenta Mann-Whitney, as documented',
    source:
      'kayenta NetflixACAJudge-v1.0: level 0.98, a quarter of the estimate as band; points a minute, judged hourly',
    rule: kayentaRule({ by: 1, every: 60, level: 0.98 }),
  },
  {
    name: 'Beta-mixture e-process, uniform prior',
    source: 'Johari et al. 2017; Howard et al. 2021',
    rule: betaMixtureRule({ a: 1, b: 1, alpha, share }),
  },
];

const challengerPart = (3 * share) / (3 * share + 1 - share);

export const tunables: readonly Tunable[] = [
  {
    name: 'Argo Rollouts limits, tuned',
    source: 'the same rule',
    rules: cross([25, 50, 75, 100, 125, 150, 200, 250], [1.5, 2, 2.5, 3, 3.5, 4, 5], [0, 1, 2]).map(
      ([by, percent, failureLimit]) => ({
        settings: `windows of ${by * perMinute} requests, limit ${percent} %, failureLimit ${failureLimit}`,
        rule: argoRule({ by, most: percent / 100, failureLimit }),
      }),
    ),
  },
  {
    name: 'Flagger thresholds, tuned',
    source: 'the same rule',
    rules: cross([5, 10, 15, 20, 30, 40, 60], [3, 4, 5, 6, 8, 10], [1, 2, 3, 4, 5, 6]).map(
      ([by, percent, threshold]) => ({
        settings: `interval ${by} min, limit ${percent} %, threshold ${threshold}`,
        rule: flaggerRule({ by, most: percent / 100, threshold }),
      }),
    ),
  },
  {
    name: 'Kayenta Mann-Whitney, tuned',
    source: 'the same rule',
    rules: cross([5, 10, 25, 50], [1, 2, 5], [0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999]).map(
      ([by, looks, level]) => ({
        settings: `points of ${by} min, judged every ${Math.max(by, looks * 25)} min, level ${level}`,
        rule: kayentaRule({ by, every: Math.max(1, Math.round((looks * 25) / by)), level }),
      }),
    ),
  },
  {
    name: 'Beta-mixture e-process, tuned prior',
    source: 'Johari et al. 2017; Howard et al. 2021',
    rules: [3, 5, 10, 20, 40].map((size) => ({
      settings: `prior of ${size} events around a ratio of 3`,
      rule: betaMixtureRule({ a: size * challengerPart, b: size * (1 - challengerPart), alpha, share }),
    })),
  },
];

/** Canaries of one world, one after the other, the same for every method. */
export function* canariesOf({
  name,
  runs,
  seed,
}: {
  name: WorldName;
  runs: number;
  seed: number;
}): Generator<ObservedCanary> {
  for (let run = 0; run < runs; run += 1)
    yield observeCanary({
      world: worlds[name],
      size: perMinute,
      draw: draws(canarySeed({ seed, scenario: name, run })),
    });
}

export interface Outcome {
  /** Part of the canaries that were rolled back. */
  share: number;
  hits: number;
  runs: number;
  /** Requests until then, on average over those. */
  mean: number | null;
  standardError: number;
}

export function outcomeOf({ decided }: { decided: readonly (number | null)[] }): Outcome {
  const found = decided.filter((request) => request !== null);
  const mean = found.length === 0 ? null : found.reduce((sum, one) => sum + one, 0) / found.length;
  const squares = found.reduce((sum, one) => sum + (one - (mean ?? 0)) ** 2, 0);
  const standardError = Math.sqrt(squares) / Math.max(1, found.length);
  return { share: found.length / decided.length, hits: found.length, runs: decided.length, mean, standardError };
}

/** What of each method became on the same canaries. */
export function runMethods({
  methods,
  ...canaries
}: {
  methods: readonly { rule: Rule }[];
  name: WorldName;
  runs: number;
  seed: number;
}): Outcome[] {
  const decided = methods.map((): (number | null)[] => []);
  for (const canary of canariesOf(canaries)) methods.forEach(({ rule }, index) => decided[index]!.push(rule(canary)));
  return decided.map((one) => outcomeOf({ decided: one }));
}

/**
 * The settings that find the fault soonest, of those that roll back at most alpha of the quiet canaries; what is never found counts the
 * whole horizon. Tuned on canaries of its own, at the planned horizon.
 */
export function tune({ tunable, runs, seed }: { tunable: Tunable; runs: number; seed: number }): Method {
  const quiet = runMethods({ methods: tunable.rules, name: 'quiet', runs, seed });
  const allowed = tunable.rules.filter((_, index) => quiet[index]!.share <= alpha);
  if (allowed.length === 0) throw new RangeError(`${tunable.name}: no setting keeps false rollbacks at ${alpha}`);
  const faulty = runMethods({ methods: allowed, name: 'faulty', runs: Math.ceil(runs / 4), seed });
  const cost = ({ share: found, mean }: Outcome): number => found * (mean ?? 0) + (1 - found) * horizon;
  const best = faulty.reduce((least, one, index) => (cost(one) < cost(faulty[least]!) ? index : least), 0);
  const { settings, rule } = allowed[best]!;
  return { name: tunable.name, source: `${tunable.source}: ${settings}`, rule };
}
