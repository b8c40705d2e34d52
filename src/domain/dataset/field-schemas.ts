import { z } from 'zod';

/** Longest text of a column, in characters. More is a pasted log or an attack, not what a person wrote. */
const longestText = 100_000;

const asText = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Nothing, or nothing but spaces, is null. */
const absent = (value: unknown): unknown =>
  value === undefined || (typeof value === 'string' && value.trim() === '') ? null : value;

/** A column that may be missing or empty. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess(absent, schema.nullable()).default(null);

export const identifier = asText.pipe(z.string().trim().min(1, 'expected a value')).pipe(z.string().max(1000));

/** What a person wrote; empty where nothing stands. */
export const writtenText = z.preprocess(
  (value) => value ?? '',
  asText.pipe(z.string().max(longestText, `expected at most ${longestText} characters`)),
);

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', '1'].map((written) => [written, true] as const),
  ...['false', 'no', '0'].map((written) => [written, false] as const),
]);
export const yesOrNo = asText.transform((value, context) => {
  const known = truths.get(value.trim().toLowerCase());
  if (known !== undefined) return known;
  context.addIssue({ code: 'custom', message: 'expected true or false (yes, no, 1 and 0 are read too)' });
  return z.NEVER;
});

const isoTime = /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** ISO 8601 in UTC of a time as it was written, one without a zone being UTC; null for any other form or no such day. */
export function isoTimeOf(written: string): string | null {
  const match = isoTime.exec(written);
  if (!match) return null;
  const day = new Date(match[1]!);
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(match[1]!)) return null;
  const zoned = /[T ].*(?:Z|[+-]\d{2}:?\d{2})$/.test(written) || written.length === 10 ? written : `${written}Z`;
  const parsed = new Date(zoned.replace(' ', 'T'));
  return Number.isNaN(parsed.getTime()) ? null : parsed.toISOString();
}

/** A time; 31/03/2026 is refused, since nobody can tell it from 03/31/2026 for every day. */
export const time = asText.transform((value, context) => {
  const parsed = isoTimeOf(value.trim());
  if (parsed !== null) return parsed;
  context.addIssue({ code: 'custom', message: 'expected ISO 8601 such as 2026-03-31 or 2026-03-31T14:05:00Z' });
  return z.NEVER;
});

export const numeric = asText.transform((value, context) => {
  const written = value.trim();
  const parsed = written === '' ? Number.NaN : Number(written);
  if (Number.isFinite(parsed)) return parsed;
  context.addIssue({ code: 'custom', message: 'expected a number' });
  return z.NEVER;
});

/** A language as the source declares it, in lower case. */
export const languageTag = asText.transform((value) => value.trim().toLowerCase());
