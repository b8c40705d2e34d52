import type { JudgedPair } from '../../../src/domain/statistics/compare-rectified.js';
import type { JudgedCase, JudgedLabels } from '../../../src/domain/statistics/rogan-gladen.js';
import type { Draws } from './comparison-scenarios.js';

/** A way for a judge to be wrong; `truth` is the true mean difference, by people. */
export interface JudgeScenario {
  name: string;
  truth: number;
  clusters: number;
  /** How many cases a cluster holds. */
  cases: (draw: Draws) => number;
  /** Share of the cases that people labelled, at random. */
  labelled: number;
  cluster: (draw: Draws) => () => { judge: Scores; people: Scores };
}
interface Scores {
  champion: number;
  challenger: number;
}

/** Clusters whose answers differ together, and in half of which the judge likes the challenger's style far too much. */
const styledClusters: JudgeScenario['cluster'] = (draw) => {
  const shift = 0.1 * draw.normal();
  const styled = draw.chance(0.5) ? 0.3 : 0.05;
  return () => {
    const people = { champion: 0.6, challenger: 0.6 + shift + 0.1 * draw.normal() };
    const judge = { champion: 0.6, challenger: people.challenger + styled + 0.08 * draw.normal() };
    return { judge, people };
  };
};

export const judgeScenarios: JudgeScenario[] = [
  {
    name: 'judge favours one style by 0.15, 60 of 400 labelled',
    ...{ truth: 0, clusters: 400, cases: () => 1, labelled: 0.15 },
    cluster: (draw) => () => {
      const ease = 0.6 + 0.15 * draw.normal();
      const people = { champion: ease + 0.1 * draw.normal(), challenger: ease + 0.1 * draw.normal() };
      const styled = draw.chance(0.7) ? 0.2 : 0;
      const judge = {
        champion: people.champion + 0.06 * draw.normal(),
        challenger: people.challenger + styled + 0.06 * draw.normal(),
      };
      return { judge, people };
    },
  },
  {
    name: 'judge favours one style, 40 clusters of 8, half labelled',
    ...{ truth: 0, clusters: 40, cases: () => 8, labelled: 0.5 },
    cluster: styledClusters,
  },
  {
    name: 'yes/no judge that lets one arm off, 100 of 500 labelled',
    ...{ truth: 0, clusters: 500, cases: () => 1, labelled: 0.2 },
    cluster: (draw) => () => {
      const people = { champion: Number(draw.chance(0.7)), challenger: Number(draw.chance(0.7)) };
      const judge = {
        champion: draw.chance(0.9) ? people.champion : 1 - people.champion,
        challenger: people.challenger === 1 ? 1 : Number(draw.chance(0.5)),
      };
      return { judge, people };
    },
  },
  {
    name: 'judge that guesses, 80 of 400 labelled',
    ...{ truth: 0, clusters: 400, cases: () => 1, labelled: 0.2 },
    cluster: (draw) => () => ({
      judge: { champion: draw.uniform(), challenger: draw.uniform() },
      people: { champion: 0.5, challenger: 0.5 + 0.3 * draw.normal() },
    }),
  },
  {
    name: 'judge favours one style, 30 clusters of very unequal size, half labelled',
    ...{ truth: 0, clusters: 30, cases: (draw) => 1 + Math.floor(-8 * Math.log(1 - draw.uniform())), labelled: 0.5 },
    cluster: styledClusters,
  },
  {
    name: 'judge favours one style, 80 clusters, a few of which hold most cases, 40 % labelled',
    ...{ truth: 0, clusters: 80, cases: (draw) => Math.min(300, Math.floor(1 / (1 - draw.uniform()))), labelled: 0.4 },
    cluster: styledClusters,
  },
];

/** One simulated comparison by a judge, with labels drawn at random. */
export function simulateJudged({ scenario, draw }: { scenario: JudgeScenario; draw: Draws }): JudgedPair[] {
  const cases = Array.from({ length: scenario.clusters }, (_, g) => {
    const next = scenario.cluster(draw);
    return Array.from({ length: scenario.cases(draw) }, (__, i) => ({ id: `${g}-${i}`, cluster: `${g}`, ...next() }));
  }).flat();
  const order = cases.map((_, index) => ({ index, at: draw.uniform() })).sort((a, b) => a.at - b.at);
  const chosen = new Set(order.slice(0, Math.round(cases.length * scenario.labelled)).map((one) => one.index));
  return cases.map(({ id, cluster, judge, people }, index) => ({
    ...{ id, cluster, ...judge },
    label: chosen.has(index) ? people : null,
  }));
}

/** A true rate, seen by a judge of this sensitivity and specificity, in clusters of `size`. */
export interface RateScenario {
  name: string;
  rate: number;
  sensitivity: number;
  specificity: number;
  clusters: number;
  size: number;
  /** Labels of answers that people call yes, and no. */
  labels: { positives: number; negatives: number };
}

export const rateScenarios: RateScenario[] = [
  {
    name: 'corrected rate: 20 %, 400 single cases',
    ...{ rate: 0.2, sensitivity: 0.85, specificity: 0.9, clusters: 400, size: 1 },
    labels: { positives: 60, negatives: 120 },
  },
  {
    name: 'corrected rate: 4 %, near-perfect judge',
    ...{ rate: 0.04, sensitivity: 0.95, specificity: 0.98, clusters: 300, size: 1 },
    labels: { positives: 40, negatives: 200 },
  },
  {
    name: 'corrected rate: 30 % in 40 clusters of 5 that differ',
    ...{ rate: 0.3, sensitivity: 0.9, specificity: 0.9, clusters: 40, size: 5 },
    labels: { positives: 80, negatives: 80 },
  },
];

export function simulateRate({ scenario, draw }: { scenario: RateScenario; draw: Draws }): {
  cases: JudgedCase[];
  labels: JudgedLabels;
} {
  const { rate, sensitivity, specificity, clusters, size, labels } = scenario;
  const says = (truth: boolean): boolean => draw.chance(truth ? sensitivity : 1 - specificity);
  const cases = Array.from({ length: clusters }, (_, g) => {
    // Half of the clusters lie well over the rate, half well under it; single cases have none of their own.
    const own = size === 1 ? rate : rate * (draw.chance(0.5) ? 1.7 : 0.3);
    return Array.from({ length: size }, () => ({ cluster: `${g}`, yes: says(draw.chance(own)) }));
  }).flat();
  const labelled = (count: number, truth: boolean): JudgedCase[] =>
    Array.from({ length: count }, (_, i) => ({ cluster: `${i}`, yes: says(truth) }));
  return {
    cases,
    labels: { positives: labelled(labels.positives, true), negatives: labelled(labels.negatives, false) },
  };
}
