import { z } from 'zod';

const unitMilliseconds: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const iso = /^P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const short = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;

/** Milliseconds of a duration written as `450ms`, `30m`, `7d` or ISO 8601 (`PT30M`); null when it is neither. */
export function durationMilliseconds(text: string): number | null {
  const plain = short.exec(text.trim());
  if (plain) return Number(plain[1]) * unitMilliseconds[plain[2]!]!;
  const parts = iso.exec(text.trim());
  if (!parts || parts.slice(1).every((part) => part === undefined)) return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return days * 86_400_000 + hours * 3_600_000 + minutes * 60_000 + seconds * 1000;
}

/** ISO 8601 form of a duration in milliseconds, in hours, minutes and seconds: 5400000 -> `PT1H30M`. */
export function isoDuration(milliseconds: number): string {
  if (milliseconds === 0) return 'PT0S';
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor((milliseconds % 3_600_000) / 60_000);
  const seconds = (milliseconds % 60_000) / 1000;
  return `PT${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds ? `${seconds}S` : ''}`;
}

/**
 * Milliseconds of a duration that the schema has already accepted.
 * @throws RangeError when it is not a duration, which parsing at the edge rules out.
 */
export function milliseconds(duration: string): number {
  const value = durationMilliseconds(duration);
  if (value === null) throw new RangeError(`"${duration}" is not a duration like 30m or PT30M`);
  return value;
}

/** A duration, `30m` or `PT30M`; kept as ISO 8601. */
export const durationSchema = z
  .string()
  .refine((text) => durationMilliseconds(text) !== null, 'expected a duration such as 450ms, 30m, 24h, 7d or PT30M')
  .overwrite((text) => {
    const value = durationMilliseconds(text);
    return value === null ? text : isoDuration(value);
  });

const percentage = /^(\d+(?:\.\d+)?)\s*%$/;

/** A share, `"5%"` or a number in 0..1; kept as a number in 0..1. */
export const shareSchema = z.union([z.number(), z.string()]).transform((value, context) => {
  const match = typeof value === 'string' ? percentage.exec(value.trim()) : null;
  const share = typeof value === 'number' ? value : match ? Number(match[1]) / 100 : Number.NaN;
  if (share >= 0 && share <= 1) return share;
  context.addIssue({ code: 'custom', message: 'expected a percentage from 0% to 100%, or a number from 0 to 1' });
  return z.NEVER;
});

/** A level of significance: a share that is neither nothing nor all. */
export const levelSchema = shareSchema.refine((level) => level > 0 && level < 1, 'expected over 0% and under 100%');

/** A margin, `"20%"` or a number from 0; unlike a share it may exceed 1. */
export const marginSchema = z.union([z.number(), z.string()]).transform((value, context) => {
  const match = typeof value === 'string' ? percentage.exec(value.trim()) : null;
  const margin = typeof value === 'number' ? value : match ? Number(match[1]) / 100 : Number.NaN;
  if (margin >= 0) return margin;
  context.addIssue({ code: 'custom', message: 'expected a percentage such as 20%, or a number from 0' });
  return z.NEVER;
});

/** A rate, `20/s` or a number; kept as a number a second. */
export const perSecondSchema = z.union([z.number().positive(), z.string()]).transform((value, context) => {
  if (typeof value === 'number') return value;
  const match = /^(\d+(?:\.\d+)?)\s*\/\s*(s|m|h)$/.exec(value.trim());
  const perUnit = match ? Number(match[1]) / (unitMilliseconds[match[2]!]! / 1000) : Number.NaN;
  if (perUnit > 0) return perUnit;
  context.addIssue({ code: 'custom', message: 'expected a rate such as 20/s or 1200/m' });
  return z.NEVER;
});
