import { textKey } from './near-duplicates/text-key.js';
import { type Split, splitOf } from './split.js';

const seenBits = 1 << 24;

export interface Splitter {
  /** Where a row goes. The same cluster always goes to the same side, so rows are placed one by one, in their order. */
  place: (row: { cluster: string; category: string | null }) => Split;
}

/**
 * Splits by cluster, stratified by category. A cluster goes by the hash of seed and key (`splitOf`), so that every
 * category is drawn at the same share and nothing but the key decides. A small category can go without by chance: where
 * the first `1 / share` clusters of a category are one short of full and none of them validates, the next new cluster of
 * it does. So each category with that many clusters is validated on, and rows that are added behind move no earlier
 * one. What chance left of imbalance is for `splitBalance` to say.
 *
 * Memory is bounded (2 MiB and one key a category): which clusters are new is told by a bit each; two that share a bit
 * only make a small category wait for its next cluster.
 */
export function createSplitter({ seed, share }: { seed: number; share: number }): Splitter {
  const quota = share > 0 ? Math.round(1 / share) : Infinity;
  const seen = new Uint32Array(seenBits / 32);
  const drawn = new Set<string>();
  const clustersWithout = new Map<string, number>();
  const validated = new Set<string>();

  const isNew = (cluster: string): boolean => {
    const bit = textKey(cluster).low & (seenBits - 1);
    const [word, mask] = [bit >>> 5, 1 << (bit & 31)];
    const known = (seen[word]! & mask) !== 0;
    seen[word]! |= mask;
    return !known;
  };

  return {
    place: ({ cluster, category }) => {
      const stratum = category ?? '';
      const fresh = isNew(cluster);
      if (splitOf({ cluster, seed, share }) === 'validation' || drawn.has(cluster)) {
        validated.add(stratum);
        return 'validation';
      }
      if (!fresh || validated.has(stratum)) return 'train';
      const without = (clustersWithout.get(stratum) ?? 0) + 1;
      clustersWithout.set(stratum, without);
      if (without < quota) return 'train';
      drawn.add(cluster);
      validated.add(stratum);
      return 'validation';
    },
  };
}

/** Clusters that belong together because rows of theirs are near-duplicates (union-find, Tarjan 1975). */
export interface ClusterJoiner {
  join: (pair: { one: string; other: string }) => void;
  /** The key of the cluster that was named first of all that are joined with this one; itself where none is. */
  keyOf: (cluster: string) => string;
}

export function createClusterJoiner(): ClusterJoiner {
  const numbers = new Map<string, number>();
  const names: string[] = [];
  const parents: number[] = [];
  const numberOf = (cluster: string): number => {
    const known = numbers.get(cluster);
    if (known !== undefined) return known;
    numbers.set(cluster, names.length);
    parents.push(names.length);
    return names.push(cluster) - 1;
  };
  const rootOf = (number: number): number => {
    let root = number;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]!]!;
      root = parents[root]!;
    }
    return root;
  };
  return {
    join: ({ one, other }) => {
      const [first, second] = [rootOf(numberOf(one)), rootOf(numberOf(other))];
      parents[Math.max(first, second)] = Math.min(first, second);
    },
    keyOf: (cluster) => {
      const number = numbers.get(cluster);
      return number === undefined ? cluster : names[rootOf(number)]!;
    },
  };
}

/** Rows of a category, and those of them that are validated on. */
export interface CategoryBalance {
  category: string;
  rows: number;
  validation: number;
  share: number;
}

/** How the split came out by category, the furthest from the wanted share first. */
export function splitBalance({
  counts,
  share,
}: {
  counts: ReadonlyMap<string, { train: number; validation: number }>;
  share: number;
}): CategoryBalance[] {
  return Array.from(counts, ([category, { train, validation }]) => {
    const rows = train + validation;
    return { category, rows, validation, share: rows === 0 ? 0 : validation / rows };
  }).sort(
    (one, other) =>
      Math.abs(other.share - share) - Math.abs(one.share - share) || one.category.localeCompare(other.category, 'en'),
  );
}
