import type { GrowingColumns } from './growing-columns.js';
import { bandCount } from './min-hash.js';

const slotsPerGroup = 1.5;

/**
 * Replaces every LSH key in `bands` by the number of the bucket of all groups with this key in this band, or by -1
 * where a group is alone, which most are. Returns an empty list (-1) for each bucket. Band after band, so that one
 * table of 10 bytes a group serves all.
 */
export function bandBuckets({ bands, count }: { bands: GrowingColumns<Int32Array>; count: number }): Int32Array {
  const slots = new Int32Array(Math.ceil(count * slotsPerGroup) + 1);
  const bucketOf = new Int32Array(count);
  const keyOf = (group: number, band: number): number => bands.chunk(group)[bands.offset(group) + band]!;
  let buckets = 0;

  /** The first group with the key, or `group` itself, which is then noted as the first. */
  function firstWith({ key, group, band }: { key: number; group: number; band: number }): number {
    let slot = Math.floor(((key >>> 0) / 2 ** 32) * slots.length);
    for (;;) {
      const first = slots[slot]!;
      if (first < 0) {
        slots[slot] = group;
        return group;
      }
      if (keyOf(first, band) === key) return first;
      slot = slot + 1 === slots.length ? 0 : slot + 1;
    }
  }

  for (let band = 0; band < bandCount; band += 1) {
    slots.fill(-1);
    for (let group = 0; group < count; group += 1) {
      bucketOf[group] = -1;
      const first = firstWith({ key: keyOf(group, band), group, band });
      if (first === group) continue;
      if (bucketOf[first] === -1) bucketOf[first] = buckets++;
      bucketOf[group] = bucketOf[first]!;
    }
    for (let group = 0; group < count; group += 1) bands.chunk(group)[bands.offset(group) + band] = bucketOf[group]!;
  }
  return new Int32Array(buckets).fill(-1);
}
