import type { GrowingColumns } from './growing-columns.js';
import { bandBuckets } from './band-buckets.js';
import { bandCount } from './min-hash.js';
import { sketchJaccard } from './set-sketch.js';

/** Rows with the same words, by number: their best row, its helpfulness, the number of shingles, LSH keys, a sketch. */
export interface DuplicateGroups {
  best: GrowingColumns<Int32Array>;
  helpfulness: GrowingColumns<Float64Array>;
  size: GrowingColumns<Int32Array>;
  bands: GrowingColumns<Int32Array>;
  sketches: GrowingColumns<Int32Array>;
}

export const duplicateKinds = { kept: 0, exact: 1, near: 2 } as const;

export interface DuplicateResolution {
  /** By row, the row that is kept for it: itself where it stays. */
  winner: Int32Array;
  /** By row, a value of `duplicateKinds`. A row with the same words as one that went as a near-duplicate is near too. */
  kind: Uint8Array;
}

/**
 * Most kept groups of one bucket that a group is held against. Only many texts that share a band and are no duplicates
 * of each other reach it; without it such data would take quadratic time.
 */
const longestChain = 16;

/** Groups from the most helpful to the least, equals in their order. In place and without a comparison function. */
function byHelpfulness({ groups, count }: { groups: DuplicateGroups; count: number }): Int32Array {
  const sorted = new Float64Array(count);
  for (let group = 0; group < count; group += 1) sorted[group] = -groups.helpfulness.get(group);
  sorted.sort();
  let distinct = 0;
  for (let index = 0; index < count; index += 1)
    if (index === 0 || sorted[index] !== sorted[index - 1]) sorted[distinct++] = sorted[index]!;
  const rankOf = (value: number): number => {
    let [low, high] = [0, distinct - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const starts = new Int32Array(distinct + 1);
  for (let group = 0; group < count; group += 1) starts[rankOf(-groups.helpfulness.get(group)) + 1]! += 1;
  for (let rank = 0; rank < distinct; rank += 1) starts[rank + 1]! += starts[rank]!;
  const order = new Int32Array(count);
  for (let group = 0; group < count; group += 1) order[starts[rankOf(-groups.helpfulness.get(group))]!++] = group;
  return order;
}

/** Decides row by row which ones stay; see `createDuplicateIndex` for the rule. */
export function resolveGroups({
  groups,
  count,
  groupOf,
  rows,
  threshold,
}: {
  groups: DuplicateGroups;
  count: number;
  groupOf: GrowingColumns<Int32Array>;
  rows: number;
  threshold: number;
}): DuplicateResolution {
  const winners = keepGroups({ groups, count, threshold });
  const winner = new Int32Array(rows);
  const kind = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const group = groupOf.get(row);
    const kept = winners[group]!;
    winner[row] = groups.best.get(kept);
    if (kept !== group) kind[row] = duplicateKinds.near;
    else if (winner[row] !== row) kind[row] = duplicateKinds.exact;
  }
  return { winner, kind };
}

function keepGroups({
  groups,
  count,
  threshold,
}: {
  groups: DuplicateGroups;
  count: number;
  threshold: number;
}): Int32Array {
  const { bands, size, sketches, helpfulness } = groups;
  const order = byHelpfulness({ groups, count });
  const heads = bandBuckets({ bands, count });
  const seenFor = new Int32Array(count).fill(-1);
  const winners = new Int32Array(count);

  const sketchOf = (group: number) => ({
    words: sketches.chunk(group),
    offset: sketches.offset(group),
    size: size.get(group),
  });
  const areNear = (one: number, other: number): boolean => {
    const [less, more] = [Math.min(size.get(one), size.get(other)), Math.max(size.get(one), size.get(other))];
    return less >= threshold * more && sketchJaccard(sketchOf(one), sketchOf(other)) >= threshold;
  };
  const isBefore = (one: number, other: number): boolean =>
    helpfulness.get(one) > helpfulness.get(other) || (helpfulness.get(one) === helpfulness.get(other) && one < other);

  function bestNeighbour(group: number): number {
    let best = -1;
    const [own, offset] = [bands.chunk(group), bands.offset(group)];
    for (let band = 0; band < bandCount; band += 1) {
      const bucket = own[offset + band]!;
      if (bucket < 0) continue;
      let other = heads[bucket]!;
      for (let steps = 0; other >= 0 && steps < longestChain; steps += 1) {
        if (seenFor[other] !== group) {
          seenFor[other] = group;
          if ((best < 0 || isBefore(other, best)) && areNear(group, other)) best = other;
        }
        other = bands.chunk(other)[bands.offset(other) + band]!;
      }
    }
    return best;
  }

  /** A group that stays is put before the others of its buckets; what named the bucket now names the next group. */
  function keep(group: number): void {
    const [own, offset] = [bands.chunk(group), bands.offset(group)];
    for (let band = 0; band < bandCount; band += 1) {
      const bucket = own[offset + band]!;
      if (bucket < 0) continue;
      own[offset + band] = heads[bucket]!;
      heads[bucket] = group;
    }
  }

  for (const group of order) {
    const best = size.get(group) === 0 ? -1 : bestNeighbour(group);
    winners[group] = best < 0 ? group : best;
    if (best < 0) keep(group);
  }
  return winners;
}
