import { z } from 'zod';
import { canonicalJson } from '../release/evidence.js';
import type { GoldenCase } from './golden.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What was frozen: the bytes of a golden-set version, and which version it was made from. */
export const goldenRecordSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  sha256,
  cases: z.number().int().min(1),
  parent: z.object({ version: z.string().min(1), sha256 }).nullable(),
});
export type GoldenRecord = z.infer<typeof goldenRecordSchema>;

/** What a new version adds, drops and changes, by case id. */
export interface GoldenDifference {
  added: string[];
  removed: string[];
  changed: string[];
  unchanged: number;
}

export function diffGolden({ from, to }: { from: readonly GoldenCase[]; to: readonly GoldenCase[] }): GoldenDifference {
  const before = new Map(from.map((one) => [one.id, canonicalJson(one)]));
  const difference: GoldenDifference = { added: [], removed: [], changed: [], unchanged: 0 };
  for (const one of to) {
    const known = before.get(one.id);
    before.delete(one.id);
    if (known === undefined) difference.added.push(one.id);
    else if (known !== canonicalJson(one)) difference.changed.push(one.id);
    else difference.unchanged += 1;
  }
  difference.removed.push(...before.keys());
  return difference;
}
