/** One field that two documents say differently; undefined where a document lacks it. */
export interface Difference {
  field: string;
  from: unknown;
  to: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The fields in which two JSON documents differ, in the order of their names; a list is compared as a whole. */
export function differencesOf({ from, to, field = '' }: { from: unknown; to: unknown; field?: string }): Difference[] {
  if (!isObject(from) || !isObject(to)) return isSame(from, to) ? [] : [{ field, from, to }];
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return names.flatMap((name) =>
    differencesOf({ from: from[name], to: to[name], field: field === '' ? name : `${field}.${name}` }),
  );
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** A line for people: `rollout.canary.alpha: 0.01 -> 0.02`. */
export const differenceLine = ({ field, from, to }: Difference): string => `${field}: ${shown(from)} -> ${shown(to)}`;
