/** How often each value between 0 and 1 was seen. */
export type Tally = ReadonlyMap<number, number>;

/** Shares of what may be lost that are bet at each value, all of them at once: no rate is known beforehand. */
const smallestBet = 0.005;
const largestBet = 0.9;
const bets = 14;
const fractions = Array.from({ length: bets }, (_, k) => smallestBet * (largestBet / smallestBet) ** (k / (bets - 1)));

export function tallyOf(values: Iterable<number>): Map<number, number> {
  const tally = new Map<number, number>();
  for (const value of values) tally.set(value, (tally.get(value) ?? 0) + 1);
  return tally;
}

/**
 * Logarithm of the evidence against "the mean is at most `mean`": what one dollar has become that was bet, fair by that
 * claim, on every value being higher (Waudby-Smith and Ramdas 2024, section 4, constant bets; mixed over 14 of them).
 * Under the claim it reaches 1 / alpha at any look with a chance of at most alpha (Ville 1939), however often one looks.
 * The values' order does not matter; each must be as any other, given those before it.
 * @param tally values within 0 and 1.
 * @param mean over 0 and under 1.
 */
export function logEvidenceAbove({ tally, mean }: { tally: Tally; mean: number }): number {
  if (!(mean > 0 && mean < 1)) throw new RangeError(`mean ${mean}: expected over 0 and under 1`);
  const logs = fractions.map((fraction) => {
    let log = 0;
    for (const [value, count] of tally) log += count * Math.log(1 - fraction + (fraction * value) / mean);
    return log;
  });
  const largest = logs.reduce((most, log) => Math.max(most, log), -Infinity);
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0) / bets);
}

const flipped = (tally: Tally): Tally => new Map([...tally].map(([value, count]) => [1 - value, count]));

/** The same against "the mean is at least `mean`". */
export const logEvidenceBelow = ({ tally, mean }: { tally: Tally; mean: number }): number =>
  logEvidenceAbove({ tally: flipped(tally), mean: 1 - mean });

const halvings = 40;

/** The largest mean that the values still speak against at level `alpha`, seen from below; 0 where there is none. */
function lowerEnd({ tally, alpha }: { tally: Tally; alpha: number }): number {
  const threshold = Math.log(1 / alpha);
  let [low, high] = [0, 1];
  for (let turn = 0; turn < halvings; turn += 1) {
    const middle = (low + high) / 2;
    // The evidence falls as the claimed mean rises: a bet wins less on it.
    if (logEvidenceAbove({ tally, mean: middle }) >= threshold) low = middle;
    else high = middle;
  }
  return low;
}

/** An interval of the mean that holds at all looks together with a chance of at least `level` (a confidence sequence). */
export function meanAtAnyLook({ tally, level }: { tally: Tally; level: number }): {
  level: number;
  low: number;
  high: number;
} {
  const alpha = (1 - level) / 2;
  return { level, low: lowerEnd({ tally, alpha }), high: 1 - lowerEnd({ tally: flipped(tally), alpha }) };
}
