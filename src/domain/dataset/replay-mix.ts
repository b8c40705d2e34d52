import { createHash } from 'node:crypto';

/** An older data set that rows are taken from: its weight against the others, and how many rows each stratum has. */
export interface ReplaySource {
  dataset: string;
  weight: number;
  strata: ReadonlyMap<string, number>;
}

/** How many rows one stratum of one data set gives. */
export interface ReplayQuota {
  dataset: string;
  stratum: string;
  rows: number;
}

interface Part {
  dataset: string;
  stratum: string;
  available: number;
  weight: number;
}

const largestFirst = (one: { rest: number; index: number }, other: { rest: number; index: number }): number =>
  other.rest - one.rest || one.index - other.index;

/**
 * Shares `total` out by weight in whole numbers (largest remainder, Hamilton's method); what a part lacks goes to the
 * others, until all is given or nothing is left.
 */
function shareOut({ total, parts }: { total: number; parts: readonly Part[] }): number[] {
  const given = parts.map(() => 0);
  let left = Math.min(
    total,
    parts.reduce((sum, { available }) => sum + available, 0),
  );
  while (left > 0) {
    const open = parts.flatMap((part, index) => (given[index]! < part.available ? [{ part, index }] : []));
    const weights = open.reduce((sum, { part }) => sum + part.weight, 0);
    const wanted = open.map(({ part, index }) => ({ index, exact: (left * part.weight) / weights }));
    const whole = wanted.map(({ index, exact }) => ({ index, rows: Math.floor(exact), rest: exact % 1 }));
    const units = left - whole.reduce((sum, { rows }) => sum + rows, 0);
    const extra = new Set(
      [...whole]
        .sort(largestFirst)
        .slice(0, units)
        .map(({ index }) => index),
    );
    for (const { index, rows } of whole) {
      const most = parts[index]!.available - given[index]!;
      const taken = Math.min(most, rows + (extra.has(index) ? 1 : 0));
      given[index]! += taken;
      left -= taken;
    }
  }
  return given;
}

/**
 * How many older rows are mixed in so that they are `share` of the training rows afterwards (experience replay against
 * forgetting, Rolnick et al. 2019). Data sets count by weight, and within one each stratum by its size there, so that
 * the past comes back as it was. Where a stratum or data set has too few rows, the others fill up.
 *
 * @param rows training rows that are new
 * @param share of the older rows in the mix, 0 <= share < 1
 */
export function planReplay({
  rows,
  share,
  sources,
}: {
  rows: number;
  share: number;
  sources: readonly ReplaySource[];
}): ReplayQuota[] {
  const total = Math.round((rows * share) / (1 - share));
  const parts = sources.flatMap(({ dataset, weight, strata }) => {
    const size = [...strata.values()].reduce((sum, count) => sum + count, 0);
    return [...strata]
      .filter(([, available]) => available > 0)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([stratum, available]) => ({ dataset, stratum, available, weight: (weight * available) / size }));
  });
  const given = shareOut({ total, parts });
  return parts.flatMap(({ dataset, stratum }, index) =>
    given[index]! > 0 ? [{ dataset, stratum, rows: given[index]! }] : [],
  );
}

export interface ReplaySampler {
  /** Shows a row of the older data set, `index` being its place there; in any order. */
  see: (row: { index: number; id: string; stratum: string }) => void;
  /** The places of the rows that are taken: as many as the quotas say, also where rows share an id. */
  chosen: () => Set<number>;
}

interface RankedRow {
  index: number;
  rank: string;
}

const rankOf = ({ id, seed }: { id: string; seed: number }): string =>
  createHash('sha256').update(`${seed}\0${id}`).digest('hex');

/**
 * Chooses the rows of one older data set that a plan asks for: of each stratum those with the lowest hash of seed and
 * id, of rows with one id the first. So the choice depends on no order, and a larger quota only adds rows. Memory: one
 * hash for each row that is taken.
 */
export function createReplaySampler({
  quotas,
  seed,
}: {
  quotas: readonly Pick<ReplayQuota, 'stratum' | 'rows'>[];
  seed: number;
}): ReplaySampler {
  const strata = new Map(quotas.map(({ stratum, rows }) => [stratum, { rows, taken: [] as RankedRow[] }]));
  const trim = ({ rows, taken }: { rows: number; taken: RankedRow[] }): void => {
    taken.sort((one, other) => (one.rank === other.rank ? one.index - other.index : one.rank < other.rank ? -1 : 1));
    taken.length = Math.min(rows, taken.length);
  };
  return {
    see: ({ index, id, stratum }) => {
      const known = strata.get(stratum);
      if (known === undefined) return;
      known.taken.push({ index, rank: rankOf({ id, seed }) });
      if (known.taken.length >= 2 * known.rows + 1024) trim(known);
    },
    chosen: () => {
      const places = new Set<number>();
      for (const stratum of strata.values()) {
        trim(stratum);
        for (const { index } of stratum.taken) places.add(index);
      }
      return places;
    },
  };
}
