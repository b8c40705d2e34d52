import { documentedEvents, eventName } from '../rollout/event-names.js';
import { largestRatio } from '../rollout/guard-mixture.js';
import { guardAlphas } from '../rollout/guards.js';
import type { SpecProblem } from './model-spec.js';
import type { GuardSpec, RolloutSpec } from './rollout-spec.js';

/** The largest margin that leaves a ratio to test; harm by fewer is the champion's rate over the challenger's. */
const marginBelow = (direction: GuardSpec['direction']): number =>
  direction === 'higher' ? largestRatio - 1 : 1 - 1 / largestRatio;

/** What an event should be called that nothing would ever count; null where something may. */
function expectedName(event: string): string | null {
  if (event === 'request') return 'an event: every request is one, and none of them is harm';
  if (documentedEvents.includes(event)) return null;
  const meant = documentedEvents.find((name) => name.toLowerCase() === event.toLowerCase());
  if (meant !== undefined) return meant;
  return eventName.test(event) ? null : 'a name of letters, digits, "_" or "-", at most 64, as outcomes have';
}

/**
 * Guards that can't do their work: those on what nothing counts would look as if they had passed, and those that leave
 * nothing to test would end the watcher once users are on the challenger.
 */
export function guardProblems({ canary: { guards, alpha } }: Pick<RolloutSpec, 'canary'>): SpecProblem[] {
  const alphas = guardAlphas({ guards, alpha });
  return guards.flatMap(({ event, direction, margin, weight }, index) => {
    const problem = (field: string, value: unknown, expected: string): SpecProblem => ({
      path: `rollout.canary.guards.${index}.${field}`,
      value,
      expected,
    });
    const name = expectedName(event);
    const below = marginBelow(direction);
    return [
      ...(name === null ? [] : [problem('event', event, name)]),
      ...(margin < below
        ? []
        : [problem('margin', margin, `under ${below * 100}%, which is the most a guard can test`)]),
      ...(alphas[index]! > 0 ? [] : [problem('weight', weight, 'a weight that leaves the guard a part of alpha')]),
    ];
  });
}
