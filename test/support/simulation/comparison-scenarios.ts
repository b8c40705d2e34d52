import type { PairedCases } from '../../../src/domain/statistics/paired-cases.js';
import type { Draws } from '../../../src/domain/simulation/draws.js';

export { draws, type Draws } from '../../../src/domain/simulation/draws.js';

type Scores = { champion: number; challenger: number };
const unit = (value: number): number => Math.min(1, Math.max(0, value));

/** One way a comparison can be hard; `truth` is the true mean difference, exactly. */
export interface Scenario {
  name: string;
  truth: number;
  clusters: number;
  cases: (draw: Draws) => number;
  /** Scores of the cases of one cluster. */
  cluster: (draw: Draws) => () => Scores;
}

const difference = (value: number): Scores => ({ champion: 0.5, challenger: 0.5 + value });
const single = (): number => 1;

export const scenarios: Scenario[] = [
  {
    name: 'plain scores, one cluster a case',
    truth: 0,
    clusters: 120,
    cases: single,
    cluster: (draw) => () => {
      const ease = 0.65 + 0.2 * draw.normal();
      return { champion: unit(ease + 0.2 * draw.normal()), challenger: unit(ease + 0.2 * draw.normal()) };
    },
  },
  {
    name: '20 clusters of 5 that differ',
    truth: 0,
    clusters: 20,
    cases: () => 5,
    cluster: (draw) => {
      const shift = draw.normal();
      return () => difference(shift + draw.normal());
    },
  },
  {
    name: '20 clusters of very unequal size',
    truth: 0,
    clusters: 20,
    cases: (draw) => 1 + Math.floor(-6 * Math.log(1 - draw.uniform())),
    cluster: (draw) => {
      const shift = 0.5 * draw.normal();
      return () => difference(shift + draw.normal());
    },
  },
  {
    name: '60 clusters, a few of which hold most cases',
    truth: 0,
    clusters: 60,
    cases: (draw) => Math.min(300, Math.floor(1 / (1 - draw.uniform()))),
    cluster: (draw) => {
      const shift = 0.5 * draw.normal();
      return () => difference(shift + draw.normal());
    },
  },
  {
    name: 'skew: exponential differences, 30 clusters',
    truth: 0,
    clusters: 30,
    cases: single,
    cluster: (draw) => () => difference(-Math.log(1 - draw.uniform()) - 1),
  },
  {
    name: 'skew: exponential clusters, 20 of 3',
    truth: 0,
    clusters: 20,
    cases: () => 3,
    cluster: (draw) => {
      const shift = -Math.log(1 - draw.uniform()) - 1;
      return () => difference(shift + 0.3 * draw.normal());
    },
  },
  {
    name: 'ties: 70 % of 120 cases equal',
    truth: 0,
    clusters: 120,
    cases: single,
    cluster: (draw) => () => difference(draw.chance(0.7) ? 0 : 0.3 * draw.normal()),
  },
  {
    name: 'ties in 25 clusters of 8',
    truth: 0,
    clusters: 25,
    cases: () => 8,
    cluster: (draw) => {
      const busy = draw.chance(0.6) ? 0.4 : 0.05;
      return () => difference(draw.chance(busy) ? 0.3 * draw.normal() : 0);
    },
  },
  {
    name: 'ceiling: 70 % of scores are 1',
    truth: 0,
    clusters: 150,
    cases: single,
    cluster: (draw) => {
      const score = (): number => (draw.chance(0.7) ? 1 : draw.uniform());
      return () => ({ champion: score(), challenger: score() });
    },
  },
  {
    name: 'yes/no near the ceiling, 300 cases',
    truth: 0,
    clusters: 300,
    cases: single,
    cluster: (draw) => () => ({ champion: Number(draw.chance(0.93)), challenger: Number(draw.chance(0.93)) }),
  },
  {
    name: 'yes/no, nearly all changes are losses',
    truth: -0.05,
    clusters: 600,
    cases: single,
    cluster: (draw) => () => {
      const at = draw.uniform();
      return at < 0.06 ? { champion: 1, challenger: 0 } : { champion: at < 0.07 ? 0 : 1, challenger: 1 };
    },
  },
  {
    name: 'yes/no in 20 clusters of 5',
    truth: 0,
    clusters: 20,
    cases: () => 5,
    cluster: (draw) => {
      const ease = unit(0.5 + 0.3 * draw.normal());
      return () => ({ champion: Number(draw.chance(ease)), challenger: Number(draw.chance(ease)) });
    },
  },
  {
    name: 'rare large losses: 2 % lose 0.98',
    truth: 0,
    clusters: 400,
    cases: single,
    cluster: (draw) => () => difference(draw.chance(0.02) ? -0.98 : 0.02),
  },
  {
    name: 'rare large losses: 5 % lose 0.95',
    truth: 0,
    clusters: 200,
    cases: single,
    cluster: (draw) => () => difference((draw.chance(0.05) ? -0.95 : 0.05) + 0.05 * draw.normal()),
  },
];

/** One simulated comparison of a scenario. */
export function simulate({
  scenario,
  draw,
}: {
  scenario: Scenario;
  draw: Draws;
}): Pick<PairedCases, 'pairs' | 'clustered'> {
  const pairs = Array.from({ length: scenario.clusters }, (_, g) => {
    const next = scenario.cluster(draw);
    return Array.from({ length: scenario.cases(draw) }, (__, i) => ({ id: `${g}-${i}`, cluster: `${g}`, ...next() }));
  }).flat();
  return { pairs, clustered: pairs.length > scenario.clusters };
}

/**
 * How far a share of `trials` may lie from the true one by chance, 99 times in 100 (normal approximation).
 */
export const binomialSlack = (share: number, trials: number): number =>
  2.576 * Math.sqrt((share * (1 - share)) / trials);
