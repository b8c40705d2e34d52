import type { GuardSpec } from '../spec/rollout-spec.js';
import { normalQuantile } from '../statistics/distributions.js';
import { ratioInterval, usualIntervalAlpha } from './guard-interval.js';
import { logWeightedEvidence, noClocks } from './guard-clocks.js';
import { swapArms } from './guard-mixture.js';
import { guardTest } from './guard-state.js';

/** What a guard needs to see a harm of a given size. Keys count on both arms, each with one chance to have the event. */
export interface GuardWait {
  event: string;
  share: number;
  /** The challenger's rate over the champion's that is to be found. */
  ratio: number;
  /** First events, both arms; null where the harm is within the margin, or none at all. */
  events: number | null;
  keys: number | null;
  challengerKeys: number | null;
  hours: number | null;
  /** Keys an arm of a comparison of halves with one look, two-sided 5 %, 90 % power: what a test of fixed size needs. */
  fixedKeysAnArm: number;
  /** Until the interval of a challenger that is no worse shows it within the margin; null where the spec asks for no such thing, or it never does. */
  shown: { keys: number; hours: number } | null;
}

const mostEvents = 1e9;

/**
 * Keys an arm with which two rates are told apart at two-sided 5 % in 90 of 100 comparisons of fixed size (normal approximation,
 * unpooled; Fleiss, Levin and Paik 2003, section 4.2).
 */
export function fixedKeysAnArm({ rate, ratio }: { rate: number; ratio: number }): number {
  const other = rate * ratio;
  const reach = normalQuantile(0.975) + normalQuantile(0.9);
  return Math.ceil((reach ** 2 * (rate * (1 - rate) + other * (1 - other))) / (rate - other) ** 2);
}

/** The least events for which `enough` holds, found by bisection; null where too many would be needed. */
function leastEvents(enough: (events: number) => boolean, steps = 80): number | null {
  if (!enough(mostEvents)) return null;
  let [low, high] = [0, mostEvents];
  for (let step = 0; step < steps; step += 1) {
    const middle = (low + high) / 2;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** First events, both arms, until a challenger with the champion's own rate is shown to be within the margin. */
function eventsUntilShown({
  guard: { direction, margin },
  share,
}: {
  guard: Pick<GuardSpec, 'direction' | 'margin'>;
  share: number;
}): number | null {
  return leastEvents((events) => {
    const counts = [{ share, challenger: events * share, champion: events * (1 - share) }];
    const { low, high } = ratioInterval({ counts, alpha: usualIntervalAlpha });
    return direction === 'higher' ? high !== null && high < 1 + margin : low > 1 - margin;
  }, 40);
}

/**
 * How long a guard takes on average: the events at which the evidence from the canary's start reaches its threshold when every
 * count is what it is expected to be (checked against simulations, see docs/canary.md). A fault from the beginning is assumed.
 * @param alpha the guard's own part.
 * @param rate of the event on the champion, a key.
 * @param ratio of the challenger's rate to it.
 * @throws RangeError for a rate that is no share.
 */
export function planGuard({
  guard,
  alpha,
  rate,
  ratio,
  share,
  keysAnHour,
}: {
  guard: Pick<GuardSpec, 'event' | 'direction' | 'margin' | 'nonInferiority'>;
  alpha: number;
  rate: number;
  ratio: number;
  share: number;
  keysAnHour: number;
}): GuardWait {
  if (!(rate > 0 && rate <= 1)) throw new RangeError(`rate of ${guard.event} ${rate}: expected over 0 and up to 1`);
  const test = guardTest({ ...guard, alpha });
  const state = noClocks(test.mixture);
  const part = (share * ratio) / (share * ratio + 1 - share);
  const evidence = (events: number): number => {
    const counts = { share, challenger: events * part, champion: events * (1 - part) };
    const oriented = test.direction === 'higher' ? counts : swapArms(counts);
    return logWeightedEvidence({ state, mixture: test.mixture, counts: [oriented] });
  };
  const unseen = guard.nonInferiority === true ? eventsUntilShown({ guard, share }) : null;
  const shown = unseen === null ? null : { keys: unseen / rate, hours: unseen / rate / keysAnHour };
  const facts = { event: guard.event, share, ratio, fixedKeysAnArm: fixedKeysAnArm({ rate, ratio }), shown };
  const harm = test.direction === 'higher' ? ratio : 1 / ratio;
  const events = harm <= test.mixture.base ? null : leastEvents((many) => evidence(many) >= test.logThreshold);
  if (events === null) return { ...facts, events, keys: null, challengerKeys: null, hours: null };
  const keys = events / (rate * (share * ratio + 1 - share));
  return { ...facts, events, keys, challengerKeys: keys * share, hours: keys / keysAnHour };
}
