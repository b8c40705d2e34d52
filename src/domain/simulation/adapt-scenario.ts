import type { GuardSpec } from '../spec/rollout-spec.js';
import { isFaulty } from './canary-figures.js';
import type { EventRate } from './canary-world.js';
import { fiveGuards, otherRates, type CanaryScenario } from './canary-scenarios.js';

/** What a person changes about a scenario; what is left out stays. */
export interface ScenarioChange {
  requests?: number;
  /** Rate of errors on the champion. */
  baseRate?: number;
  /** Errors of the challenger to those of the champion. */
  ratio?: number;
  share?: number;
  guards?: readonly string[];
  margin?: number;
}

export const knownGuards = fiveGuards.map(({ event }) => event);

/**
 * A scenario with changes. A changed fault has no target of its own and is only shown; where nothing is wrong, alpha
 * stays the target.
 * @throws RangeError for a guard that is not known here.
 */
export function adaptScenario({
  scenario,
  change,
}: {
  scenario: CanaryScenario;
  change: ScenarioChange;
}): CanaryScenario {
  const { requests, baseRate, ratio, share, margin } = change;
  const { world } = scenario;
  if (Object.values(change).every((value) => value === undefined)) return scenario;
  const guards = guardsNamed(change.guards, scenario).map((guard) => ({ ...guard, margin: margin ?? guard.margin }));
  const missing = guards
    .filter(({ event }) => !world.events[event])
    .map(({ event }): [string, EventRate] => [event, otherRates[event]!]);
  const { rate, ratio: ownRatio } = world.events.error ?? { rate: 0.01 };
  const error = { rate: baseRate ?? rate, ratio: ratio ?? ownRatio ?? 1 };
  const changed = {
    ...scenario,
    guards,
    world: {
      ...world,
      events: { ...world.events, ...Object.fromEntries(missing), error },
      requests: requests ?? world.requests,
      shares: share === undefined ? world.shares : [share],
    },
  };
  const shown = scenario.target.kind === 'shown' || isFaulty(changed);
  return { ...changed, target: { kind: shown ? 'shown' : 'quiet' } };
}

function guardsNamed(names: readonly string[] | undefined, { guards }: CanaryScenario): readonly GuardSpec[] {
  if (names === undefined) return guards;
  return names.map((name) => {
    const guard = guards.find(({ event }) => event === name) ?? fiveGuards.find(({ event }) => event === name);
    if (guard) return guard;
    throw new RangeError(`guard "${name}" is not simulated; expected some of ${knownGuards.join(', ')}`);
  });
}
