import { z } from 'zod';

const mantissaBits = 6;
const shift = 20 - mantissaBits;
const view = new DataView(new ArrayBuffer(8));

/** A bin's number: 0 for zero, else the sign, the exponent and the first 6 bits of the mantissa; larger for larger values. */
function binOf(value: number): number {
  if (value === 0) return 0;
  view.setFloat64(0, Math.abs(value));
  return Math.sign(value) * ((view.getUint32(0) >>> shift) + 1);
}

/** The end of a bin that is nearer to zero. */
function edgeOf(bin: number): number {
  if (bin === 0) return 0;
  view.setUint32(0, ((Math.abs(bin) - 1) << shift) >>> 0);
  view.setUint32(4, 0);
  return Math.sign(bin) * view.getFloat64(0);
}

export const distributionSchema = z.object({
  count: z.number().int().min(0),
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  quantiles: z.object({ p05: z.number(), p25: z.number(), p50: z.number(), p75: z.number(), p95: z.number() }),
  bins: z.array(z.tuple([z.number().int(), z.number().int().positive()])).describe('bin and rows in it, rising'),
});
export type Distribution = z.infer<typeof distributionSchema>;

/** The value below which a share of the rows lies, from rising bins: exact for whole numbers to 128, else 1.6 % at most off. */
function quantile({ bins, share, count }: { bins: Distribution['bins']; share: number; count: number }): number {
  let left = share * (count - 1);
  for (const [bin, rows] of bins) {
    if (left < rows) return edgeOf(bin);
    left -= rows;
  }
  return edgeOf(bins.at(-1)![0]);
}

export interface ValueHistogram {
  see: (value: number) => void;
  /** Null where no value was seen. */
  finish: () => Distribution | null;
}

/**
 * Counts values in bins of a 64th of an octave (the idea of HdrHistogram, Tene 2012, on the bits of the number itself, so
 * that every machine puts a value into the same bin). Whatever the number of rows, memory is one count for each bin hit.
 */
export function createValueHistogram(): ValueHistogram {
  const counts = new Map<number, number>();
  let [count, sum, min, max] = [0, 0, Infinity, -Infinity];
  return {
    see: (value) => {
      const bin = binOf(value);
      counts.set(bin, (counts.get(bin) ?? 0) + 1);
      count += 1;
      sum += value;
      min = Math.min(min, value);
      max = Math.max(max, value);
    },
    finish: () => {
      if (count === 0) return null;
      const bins = [...counts].sort(([one], [other]) => one - other);
      const at = (share: number): number => Math.min(max, Math.max(min, quantile({ bins, share, count })));
      const quantiles = { p05: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) };
      return { count, min, max, mean: sum / count, quantiles, bins };
    },
  };
}

/**
 * Rows of several distributions over the same few classes, which are those that split the first one into equal parts as
 * well as its bins allow.
 * @returns by distribution, the rows in each class
 */
export function equalClasses({
  distributions,
  classes,
}: {
  distributions: readonly [Distribution, ...Distribution[]];
  classes: number;
}): number[][] {
  const [first] = distributions;
  const lastBins: number[] = [];
  let rows = 0;
  for (const [bin, inBin] of first.bins) {
    rows += inBin;
    if (rows >= ((lastBins.length + 1) * first.count) / classes) lastBins.push(bin);
  }
  return distributions.map(({ bins }) => {
    const counted = lastBins.map(() => 0);
    for (const [bin, inBin] of bins) {
      const place = lastBins.findIndex((last) => bin <= last);
      counted[place < 0 ? counted.length - 1 : place]! += inBin;
    }
    return counted;
  });
}

/**
 * A distribution over `parts` bars of equal width from `from` to `to`; a bin counts where its near edge lies, values
 * outside at the ends.
 */
export function bars({
  distribution,
  from,
  to,
  parts,
}: {
  distribution: Distribution;
  from: number;
  to: number;
  parts: number;
}): number[] {
  const counted = new Array<number>(parts).fill(0);
  for (const [bin, rows] of distribution.bins) {
    const place = Math.floor(((edgeOf(bin) - from) / (to - from)) * parts);
    counted[Math.min(parts - 1, Math.max(0, place))]! += rows;
  }
  return counted;
}
