import type { ScoreRow } from '../../src/domain/evaluation/score-answers.js';
import { decideLook, planLooks } from '../../src/domain/release/early-stop.js';
import { decideGates } from '../../src/domain/release/gates.js';
import { newestRules } from '../../src/domain/release/rules.js';
import { boundMean } from '../../src/domain/statistics/bounded-mean.js';
import { comparePaired } from '../../src/domain/statistics/compare-paired.js';
import { compareRectified } from '../../src/domain/statistics/compare-rectified.js';
import type { Claim } from '../../src/domain/statistics/contrast.js';
import { floors } from '../../src/domain/statistics/floors.js';
import { planPower } from '../../src/domain/statistics/power-plan.js';
import { correctRate } from '../../src/domain/statistics/rogan-gladen.js';
import { draws, simulate, type Draws, type Scenario } from '../../test/support/simulation/comparison-scenarios.js';
import {
  simulateJudged,
  simulateRate,
  type JudgeScenario,
  type RateScenario,
} from '../../test/support/simulation/judge-scenarios.js';

export const alpha = 0.05;
export const better: Claim = { decision: 'superior', kind: 'absolute', size: 0, better: 'higher' };

export interface Run {
  trials: number;
  seed: number;
  resamples: number;
}

/** How often something promised came true, over the trials in which it was asked. */
export interface Counted {
  hits: number;
  of: number;
}

function count(trials: number, hit: (trial: number) => boolean | null): Counted {
  const counted = { hits: 0, of: 0 };
  for (let trial = 0; trial < trials; trial += 1) {
    const seen = hit(trial);
    if (seen === null) continue;
    counted.of += 1;
    counted.hits += Number(seen);
  }
  return counted;
}

const within = ({ low, high }: { low: number; high: number }, truth: number): boolean => low <= truth && truth <= high;

/** Promotions, and intervals that hold the truth where the floors are reached. */
export function compareOften({ scenario, trials, seed, resamples }: Run & { scenario: Scenario }): {
  promoted: Counted;
  covered: Counted;
} {
  const draw = draws(seed);
  const results = Array.from({ length: trials }, (_, trial) =>
    comparePaired({ cases: simulate({ scenario, draw }), claim: better, alpha, seed: trial, resamples }),
  );
  return {
    promoted: count(trials, (trial) => results[trial]!.verdict === 'pass'),
    covered: count(trials, (trial) => {
      const { untied, clusters, contrast } = results[trial]!;
      return untied < floors.untiedCases || clusters < floors.clusters ? null : within(contrast, scenario.truth);
    }),
  };
}

/** Promotions at the boundary of a claim of `size`, relative to the champion. */
export function compareAtBoundary({ claim, trials, seed, resamples }: Run & { claim: Claim }): Counted {
  const draw = draws(seed);
  const factor = claim.decision === 'superior' ? 1 + claim.size : 1 - claim.size;
  return count(trials, (trial) => {
    const pairs = Array.from({ length: 120 }, (_, i) => {
      const champion = 0.6 + 0.15 * draw.normal();
      return { id: `${i}`, cluster: `${i}`, champion, challenger: factor * champion + 0.15 * draw.normal() };
    });
    return (
      comparePaired({ cases: { pairs, clustered: false }, claim, alpha, seed: trial, resamples }).verdict === 'pass'
    );
  });
}

/** Promotions through 20 gates, of which one has nothing to show and 19 are won with ease. */
export function compareTwentyGates({ trials, seed, resamples }: Run): Counted {
  const draw = draws(seed);
  const metrics = Array.from({ length: 20 }, (_, gate) => `metric${gate}`);
  return count(trials, (trial) => {
    const arms = armsOf({ draw, n: 60, gains: metrics.map((_, gate) => (gate === 0 ? 0 : 0.3)), metrics });
    const primary = metrics.map((metric) => ({ metric, kind: 'absolute', minimumEffect: 0 }) as const);
    return decideGates({ ...gatesOf({ ...arms, primary, trial, resamples }) }).verdict === 'pass';
  });
}

type Primary = { metric: string; kind: 'absolute'; minimumEffect: number }[];

const gatesOf = ({
  scores,
  championScores,
  primary,
  trial,
  resamples,
}: {
  scores: ScoreRow[];
  championScores: ScoreRow[];
  primary: Primary;
  trial: number;
  resamples: number;
}) => ({
  ...{ gates: [], scores, championScores, baselineScores: null, alpha, unmeasuredLimit: 0.02, seed: trial },
  ...{ evidence: null, resamples },
  comparison: { decision: 'superior' as const, primary, nonInferiorityMargin: 0.05, guardrails: [] },
});

/** Both arms' scores on the same cases; `gains` are the challenger's, a metric each. */
function armsOf({
  draw,
  n,
  gains,
  metrics,
}: {
  draw: Draws;
  n: number;
  gains: readonly number[];
  metrics: readonly string[];
}): { scores: ScoreRow[]; championScores: ScoreRow[] } {
  const [scores, championScores]: ScoreRow[][] = [[], []];
  for (let i = 0; i < n; i += 1)
    for (const [gate, metric] of metrics.entries()) {
      const ease = 0.6 + 0.1 * draw.normal();
      const row = { id: `${i}`, cluster: `${i}`, metric, tags: {}, reason: null, details: {} };
      championScores!.push({ ...row, score: ease + 0.1 * draw.normal() });
      scores!.push({ ...row, score: ease + gains[gate]! + 0.1 * draw.normal() });
    }
  return { scores: scores!, championScores: championScores! };
}

/** Wins of a challenger by just the effect that the champion's scores alone were said to show. */
export function winAsPlanned({ trials, seed, resamples, sizes }: Run & { sizes: readonly number[] }): Counted {
  const draw = draws(seed);
  return count(trials, (trial) => {
    const pairs = sizes.flatMap((size, g) => {
      const [shared, ours, theirs] = [draw.normal(), draw.normal(), draw.normal()];
      return Array.from({ length: size }, (__, i) => {
        // Arms correlate by one half, within clusters as between them: what the plan assumes.
        const ease = draw.normal();
        const score = (own: number): number => 0.1 * (shared + own + ease + draw.normal());
        return { id: `${g}-${i}`, cluster: `${g}`, champion: score(ours), challenger: score(theirs) };
      });
    });
    const champion = pairs.map(({ id, cluster, champion: score }) => ({ id, cluster, score }));
    const { smallestEffect } = planPower({ champion, claim: better, alpha, rules: newestRules });
    const ahead = pairs.map((pair) => ({ ...pair, challenger: pair.challenger + smallestEffect! }));
    const cases = { pairs: ahead, clustered: pairs.length > sizes.length };
    return comparePaired({ cases, claim: better, alpha, seed: trial, resamples }).verdict === 'pass';
  });
}

/** Comparisons under the floors that decide anything at all, however large the difference. */
export function decideUnderFloors({ trials, seed, resamples }: Run): Counted {
  const draw = draws(seed);
  return count(trials, (trial) => {
    const few = trial % 2 === 0;
    const pairs = Array.from({ length: few ? 190 : 400 }, (_, i) => {
      const untied = few || i < 29;
      const gain = untied ? 0.5 + 0.1 * draw.normal() : 0;
      return { id: `${i}`, cluster: `${few ? i % 19 : i}`, champion: 0.3, challenger: 0.3 + gain };
    });
    const cases = { pairs, clustered: few };
    return comparePaired({ cases, claim: better, alpha, seed: trial, resamples }).verdict !== 'inconclusive';
  });
}

export function rectifyOften({ scenario, trials, seed, resamples }: Run & { scenario: JudgeScenario }): {
  promoted: Counted;
  covered: Counted;
  /** What the judge alone would have promoted. */
  judgeAlone: Counted;
} {
  const draw = draws(seed);
  const results = Array.from({ length: trials }, (_, trial) => {
    const pairs = simulateJudged({ scenario, draw });
    const alone = comparePaired({
      cases: { pairs, clustered: pairs.length > scenario.clusters },
      claim: better,
      alpha,
      seed: trial,
      resamples: 199,
    });
    return { alone, rectified: compareRectified({ pairs, claim: better, alpha, seed: trial, resamples }) };
  });
  return {
    promoted: count(trials, (trial) => results[trial]!.rectified.verdict === 'pass'),
    covered: count(trials, (trial) => within(results[trial]!.rectified.contrast, scenario.truth)),
    judgeAlone: count(trials, (trial) => results[trial]!.alone.verdict === 'pass'),
  };
}

/** Intervals of a corrected rate that hold the true one. */
export function correctOften({ scenario, trials, seed, resamples }: Run & { scenario: RateScenario }): Counted {
  const draw = draws(seed);
  return count(trials, (trial) => {
    const { interval } = correctRate({ ...simulateRate({ scenario, draw }), alpha, seed: trial, resamples });
    return interval && within(interval, scenario.rate);
  });
}

/** Intervals of a sparse yes/no rate that hold the true one; here the bootstrap gives way to the score interval. */
export function boundOften({ rate, n, trials, seed, resamples }: Run & { rate: number; n: number }): Counted {
  const draw = draws(seed);
  return count(trials, (trial) => {
    const cases = Array.from({ length: n }, (_, i) => ({ id: `${i}`, score: Number(draw.chance(rate)) }));
    const { interval, method } = boundMean({ cases, alpha, seed: trial, resamples });
    return method === 'score' ? within(interval!, rate) : null;
  });
}

/** A sequential comparison from its first look to where it stops, for a challenger of this gain. */
export function lookOften({ gain, trials, seed, resamples }: Run & { gain: number }): {
  promoted: Counted;
  covered: Counted;
  /** Share of the cases that were asked. */
  asked: number;
} {
  const draw = draws(seed);
  const n = 160;
  const cases = Array.from({ length: n }, (_, i) => ({ id: `${i}`, cluster: `${i}` }));
  const plan = planLooks({ cases, alpha, seed });
  let asked = 0;
  const ends = Array.from({ length: trials }, (_, trial) => {
    const arms = armsOf({ draw, n, gains: [gain], metrics: ['metric0'] });
    const gates = gatesOf({
      ...arms,
      primary: [{ metric: 'metric0', kind: 'absolute', minimumEffect: 0 }],
      trial,
      resamples,
    });
    for (let index = 0; ; index += 1) {
      const decided = decideLook({ plan, index, gates });
      if (decided.stop === null) continue;
      asked += plan[index]!.cases.length / n;
      return decided.result;
    }
  });
  return {
    promoted: count(trials, (trial) => ends[trial]!.verdict === 'pass'),
    covered: count(trials, (trial) => within(ends[trial]!.comparisons[0]!.result!.contrast, gain)),
    asked: asked / trials,
  };
}
