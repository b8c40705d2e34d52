import { z } from 'zod';

/** A 64-bit integer, which some servers write as a string. */
export const integer = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

const pair = z.object({ key: z.string(), value: z.string().default('') });

/** MLflow's list of key and value as a plain record. */
export const pairs = z
  .array(pair)
  .default([])
  .transform((list): Record<string, string> => Object.fromEntries(list.map(({ key, value }) => [key, value])));

export const empty = z.unknown().transform((): void => undefined);

export const pageToken = z.string().optional();

export type Tags = Readonly<Record<string, string>>;

/** A plain record as MLflow's list of key and value. */
export function toPairs(tags: Tags | undefined): { key: string; value: string }[] {
  return Object.entries(tags ?? {}).map(([key, value]) => ({ key, value }));
}
