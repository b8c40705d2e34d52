import { z } from 'zod';
import type { ScoreRow } from './score-answers.js';

export const aggregateSchema = z.object({
  metric: z.string(),
  /** Null for all cases, else the tag that cuts and its value; `other` pools the values with few cases. */
  slice: z.object({ tag: z.string(), value: z.string() }).nullable(),
  n: z.number().int(),
  unmeasured: z.number().int(),
  mean: z.number().nullable(),
});
export type Aggregate = z.infer<typeof aggregateSchema>;

/** Values of a tag with fewer cases than this are pooled. */
export const smallSlice = 10;

/** The slice each case belongs to under one tag: the value itself, or `other` where few cases have it. */
export function slicesOf({
  rows,
  tag,
}: {
  rows: readonly Pick<ScoreRow, 'id' | 'tags'>[];
  tag: string;
}): Map<string, string> {
  const value = new Map(rows.flatMap((row) => (row.tags[tag] === undefined ? [] : [[row.id, row.tags[tag]] as const])));
  const counts = new Map<string, number>();
  for (const one of value.values()) counts.set(one, (counts.get(one) ?? 0) + 1);
  return new Map([...value].map(([id, one]) => [id, counts.get(one)! < smallSlice ? 'other' : one]));
}

/** Means by metric, over all cases and by slice, in order of metric, tag and value. */
export function aggregate({ rows, slices }: { rows: readonly ScoreRow[]; slices: readonly string[] }): Aggregate[] {
  const metrics = [...new Set(rows.map((row) => row.metric))].sort();
  return metrics.flatMap((metric) => {
    const own = rows.filter((row) => row.metric === metric);
    const cuts = slices.flatMap((tag) => {
      const slice = slicesOf({ rows: own, tag });
      return [...new Set(slice.values())]
        .sort()
        .map((value) =>
          summarise({ metric, slice: { tag, value }, rows: own.filter((row) => slice.get(row.id) === value) }),
        );
    });
    return [summarise({ metric, slice: null, rows: own }), ...cuts];
  });
}

function summarise({
  metric,
  slice,
  rows,
}: Pick<Aggregate, 'metric' | 'slice'> & { rows: readonly ScoreRow[] }): Aggregate {
  const scores = rows.flatMap((row) => (row.score === null ? [] : [row.score]));
  const sum = scores.reduce((total, score) => total + score, 0);
  return {
    metric,
    slice,
    n: scores.length,
    unmeasured: rows.length - scores.length,
    mean: scores.length === 0 ? null : sum / scores.length,
  };
}
