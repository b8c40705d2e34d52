import { seededRandom } from '../../../src/domain/statistics/random.js';
import type { Intent } from './intent.js';

/** A seeded stream of everything the generator chooses. */
export interface Draw {
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** True for a share of the calls. */
  chance(share: number): boolean;
  pick<Value>(values: readonly Value[]): Value;
  /** The values in another order. */
  shuffled<Value>(values: readonly Value[]): Value[];
  /** A parcel number that this stream has not given before. */
  tracking(): string;
}

/** Opens the stream of a seed. `used` holds parcel numbers of other streams, which are never given again. */
export function openDraw({ seed, used }: { seed: number; used: Set<string> }): Draw {
  const random = seededRandom(seed);
  const pick = <Value>(values: readonly Value[]): Value => values[random.index(values.length)]!;
  const tracking = (): string => {
    const number = `SW${100_000 + random.index(900_000)}`;
    if (used.has(number)) return tracking();
    used.add(number);
    return number;
  };
  return {
    between: (low, high) => low + random.index(high - low + 1),
    chance: (share) => random.uniform() < share,
    pick,
    shuffled: (values) => {
      const rest = [...values];
      return values.map(() => rest.splice(random.index(rest.length), 1)[0]!);
    },
    tracking,
  };
}

/** One value for each slot of an intent. */
export function drawFacts({ intent, draw }: { intent: Intent; draw: Draw }): Record<string, string> {
  const slots = Object.entries(intent.slots).map(([name, values]) => [name, draw.pick(values)] as const);
  return { ...Object.fromEntries(slots), tracking: draw.tracking() };
}

/**
 * `count` sets of facts in which every slot goes through its values in turn, in a drawn order, so that a handful of cases
 * meets each rule of the policy.
 */
export function drawFactsInTurn({
  intent,
  count,
  draw,
}: {
  intent: Intent;
  count: number;
  draw: Draw;
}): Record<string, string>[] {
  const orders = Object.entries(intent.slots).map(([name, values]) => [name, draw.shuffled(values)] as const);
  return Array.from({ length: count }, (_, index) => ({
    ...Object.fromEntries(orders.map(([name, values]) => [name, values[index % values.length]!])),
    tracking: draw.tracking(),
  }));
}

/**
 * A wording with its facts put in; a fact that begins the sentence gets a capital letter.
 * @throws RangeError when the wording names a slot that the intent does not have.
 */
export function fillWording({ wording, facts }: { wording: string; facts: Record<string, string> }): string {
  const filled = wording.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = facts[name];
    if (value === undefined)
      throw new RangeError(`"${wording}" names the slot ${name}; expected ${Object.keys(facts).join(', ')}`);
    return value;
  });
  return filled.charAt(0).toUpperCase() + filled.slice(1);
}
