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
 * one. Near-duplicates can't straddle the split: of each two whole rows one is left out before, and rows with one
 * question and several answers are told apart behind it (`splitRows`).
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
