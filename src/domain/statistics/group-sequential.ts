import { normalCdf, normalQuantile } from './distributions.js';

/** One look of a plan made before the first case is asked. */
export interface SequentialLook {
  /** Share of the information that is there at this look, over 0 to 1. */
  fraction: number;
  /** The standardised contrast that ends the comparison, on either side. */
  boundary: number;
  /** Two-sided level at which this look decides; its interval is the repeated interval, at 1 - alpha. */
  alpha: number;
  /** Two-sided chance, spent up to and with this look, that a boundary is crossed when nothing differs. */
  spent: number;
}

export const mostLooks = 4;

/** Standard normal ends beyond which nothing is left that counts. */
const furthest = 8;
const gridPoints = 400;

/**
 * Boundaries of a two-sided group-sequential test by the O'Brien-Fleming-type spending function (Lan and DeMets 1983),
 * found by recursive numerical integration (Armitage, McPherson and Rowe 1969; Jennison and Turnbull 2000, chapter 19).
 * Repeated intervals at each look's `alpha` cover at once with 1 - `alpha` (Jennison and Turnbull 1989), so that one may
 * stop for any other reason, such as futility, without harm.
 * @param alpha two-sided, over all looks together.
 * @param fractions rising shares of the information; the last is 1.
 * @throws RangeError for more than four looks, or shares that don't rise to 1.
 */
export function planSequentialLooks({
  alpha,
  fractions,
}: {
  alpha: number;
  fractions: readonly number[];
}): SequentialLook[] {
  checkLooks({ alpha, fractions });
  let density: Density | null = null;
  let [before, spent] = [0, 0];
  return fractions.map((fraction) => {
    const total = spentPerSide({ alpha, fraction });
    const step = fraction - before;
    const end = solveEnd({ density, step, fraction, chance: total - spent });
    density = nextDensity({ density, step, end });
    [before, spent] = [fraction, total];
    const boundary = end / Math.sqrt(fraction);
    return { fraction, boundary, alpha: 2 * normalCdf(-boundary), spent: 2 * total };
  });
}

/**
 * Chance to end over the last boundary, given what was seen so far (Lachin 2005; Jennison and Turnbull 2000, section
 * 10.2).
 * @param z the standardised contrast now.
 * @param drift what it would be on average, with all information, for the effect that was planned for.
 * @param boundary of the last look.
 */
export function conditionalPower({
  z,
  fraction,
  drift,
  boundary,
}: {
  z: number;
  fraction: number;
  drift: number;
  boundary: number;
}): number {
  const left = 1 - fraction;
  if (left <= 0) return Number(z >= boundary);
  return normalCdf(-(boundary - z * Math.sqrt(fraction) - drift * left) / Math.sqrt(left));
}

function checkLooks({ alpha, fractions }: { alpha: number; fractions: readonly number[] }): void {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha ${alpha}: expected over 0 and under 1`);
  if (fractions.length < 1 || fractions.length > mostLooks)
    throw new RangeError(`${fractions.length} looks: expected 1 to ${mostLooks}`);
  const rises = fractions.every((one, index) => one > (fractions[index - 1] ?? 0));
  if (!rises || fractions.at(-1) !== 1)
    throw new RangeError(`looks at ${fractions.join(', ')}: expected rising shares over 0, the last of them 1`);
}

const spentPerSide = ({ alpha, fraction }: { alpha: number; fraction: number }): number =>
  2 * normalCdf(normalQuantile(alpha / 4) / Math.sqrt(fraction));

/** Where the score process may be and have crossed nothing yet: a density over an even grid from -`end` to `end`. */
interface Density {
  end: number;
  values: Float64Array;
}

const at = (end: number, index: number): number => -end + (2 * end * index) / gridPoints;

/** Simpson's rule over the grid. */
function integrate({ density, weigh }: { density: Density; weigh: (at: number) => number }): number {
  let sum = 0;
  for (let i = 0; i <= gridPoints; i += 1) {
    const weight = i === 0 || i === gridPoints ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * density.values[i]! * weigh(at(density.end, i));
  }
  return (sum * 2 * density.end) / (3 * gridPoints);
}

function chanceOver({ density, step, end }: { density: Density | null; step: number; end: number }): number {
  const root = Math.sqrt(step);
  if (density === null) return normalCdf(-end / root);
  return integrate({ density, weigh: (from) => normalCdf(-(end - from) / root) });
}

/** The end of the score process that is crossed upwards with `chance` at this look. */
function solveEnd({
  density,
  step,
  fraction,
  chance,
}: {
  density: Density | null;
  step: number;
  fraction: number;
  chance: number;
}): number {
  let [low, high] = [0, furthest * Math.sqrt(fraction)];
  for (let turn = 0; turn < 60; turn += 1) {
    const middle = (low + high) / 2;
    if (chanceOver({ density, step, end: middle }) > chance) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function nextDensity({ density, step, end }: { density: Density | null; step: number; end: number }): Density {
  const normal = (x: number): number => Math.exp((-x * x) / (2 * step)) / Math.sqrt(2 * Math.PI * step);
  const values = Float64Array.from({ length: gridPoints + 1 }, (_, index) => {
    const to = at(end, index);
    return density === null ? normal(to) : integrate({ density, weigh: (from) => normal(to - from) });
  });
  return { end, values };
}
