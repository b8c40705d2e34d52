import { binomialCdf, studentQuantile } from '../statistics/distributions.js';
import type { CanaryScenario, CanaryTarget } from './canary-scenarios.js';
import type { CanaryOutcome } from './run-canary.js';

/** What many canaries of one scenario showed. Delays are requests from the beginning of the fault. */
export interface CanaryFigures {
  scenario: string;
  about: string;
  runs: number;
  /** Rolled back while nothing was wrong yet, or at all where nothing is ever wrong. */
  falseRollbacks: number;
  falseShare: number;
  /** Upper end of the exact one-sided 99 % interval of the share. */
  falseShareUpTo: number;
  /** Null where nothing is ever wrong. */
  found: { runs: number; share: number; meanRequests: number; standardError: number; median: number } | null;
  /** How often keys seemed not to be split as planned. */
  sampleRatioBroken: number;
  /** What took the traffic back, how often. */
  by: Record<string, number>;
  target: CanaryTarget & { alpha: number };
  ok: boolean | null;
  /** Why the target is missed. */
  reason: string | null;
}

/** Chance alone explains a share this unlikely no more. */
const unlikely = 0.01;

/** The largest true share that `hits` of `runs` do not rule out at 1 % (Clopper and Pearson 1934, one-sided). */
export function upperShare({ hits, runs }: { hits: number; runs: number }): number {
  if (hits >= runs) return 1;
  let [low, high] = [hits / runs, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (binomialCdf({ successes: hits, trials: runs, p: middle }) > unlikely) low = middle;
    else high = middle;
  }
  return high;
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

function delaysOf({ outcomes, quiet }: { outcomes: readonly CanaryOutcome[]; quiet: number }) {
  const delays = outcomes.flatMap(({ trip }) => (trip && trip.request > quiet ? [trip.request - quiet] : []));
  const sorted = [...delays].sort((a, b) => a - b);
  const average = delays.length === 0 ? NaN : mean(delays);
  const variance = delays.reduce((sum, one) => sum + (one - average) ** 2, 0) / Math.max(1, delays.length - 1);
  return {
    runs: delays.length,
    share: delays.length / outcomes.length,
    meanRequests: average,
    standardError: Math.sqrt(variance / Math.max(1, delays.length)),
    median: sorted[Math.floor(sorted.length / 2)] ?? NaN,
  };
}

/** Whether any event is worse on the challenger by more than its guard tolerates. */
export const isFaulty = ({ world, guards }: Pick<CanaryScenario, 'world' | 'guards'>): boolean =>
  guards.some(({ event, direction, margin }) => {
    const ratio = world.events[event]?.ratio ?? 1;
    return direction === 'higher' ? ratio > 1 + margin : ratio < 1 - margin;
  });

/**
 * A share or a mean misses its target where chance does not explain the miss: an exact binomial test, or a normal one
 * for a mean, at 1 %. So few runs never pass for proof, but they don't fail by bad luck either.
 */
export function canaryFigures({
  scenario,
  alpha,
  outcomes,
}: {
  scenario: CanaryScenario;
  alpha: number;
  outcomes: readonly CanaryOutcome[];
}): CanaryFigures {
  const { name, about, world, target } = scenario;
  const runs = outcomes.length;
  const faulty = isFaulty(scenario);
  const quiet = faulty ? (world.quiet ?? 0) : Infinity;
  const falseRollbacks = outcomes.filter(({ trip }) => trip !== null && trip.request <= quiet).length;
  const found = faulty ? delaysOf({ outcomes, quiet }) : null;
  const by: Record<string, number> = {};
  for (const { trip } of outcomes) if (trip) by[trip.by] = (by[trip.by] ?? 0) + 1;
  const reason = missed({ target, alpha, runs, falseRollbacks, found });
  return {
    ...{ scenario: name, about, runs, falseRollbacks, falseShare: falseRollbacks / runs },
    falseShareUpTo: upperShare({ hits: falseRollbacks, runs }),
    found,
    sampleRatioBroken: outcomes.filter((one) => one.sampleRatio === 'unmeasured').length,
    by,
    target: { ...target, alpha },
    ok: target.kind === 'shown' ? null : reason === null,
    reason,
  };
}

function missed({
  target,
  alpha,
  runs,
  falseRollbacks,
  found,
}: Pick<CanaryFigures, 'runs' | 'falseRollbacks' | 'found'> & {
  target: CanaryTarget;
  alpha: number;
}): string | null {
  if (target.kind === 'shown') return null;
  const atLeastSoMany = binomialCdf({ successes: runs - falseRollbacks, trials: runs, p: 1 - alpha });
  if (falseRollbacks > 0 && atLeastSoMany < unlikely)
    return `${falseRollbacks} of ${runs} rolled back by mistake, more than ${alpha * 100} % explains`;
  if (target.kind === 'quiet' || found === null) return null;
  if (binomialCdf({ successes: found.runs, trials: runs, p: target.least }) < unlikely)
    return `${found.runs} of ${runs} found, fewer than ${target.least * 100} % explains`;
  const slack = studentQuantile({ p: 1 - unlikely, degrees: Infinity }) * found.standardError;
  if (found.meanRequests > target.meanRequests + slack)
    return `${Math.round(found.meanRequests)} requests on average, standard error ${Math.round(found.standardError)}, expected at most ${target.meanRequests}`;
  return null;
}
