import { z } from 'zod';
import { isoTimeOf } from './field-schemas.js';

const isoTime = z.string().refine((text) => isoTimeOf(text) === text, 'expected ISO 8601 in UTC with milliseconds');

/** A span of time, `from` inclusive and `to` exclusive; both ISO 8601 in UTC with milliseconds. */
export const timeWindowSchema = z.object({ from: isoTime, to: isoTime });
export type TimeWindow = z.infer<typeof timeWindowSchema>;

const dayMilliseconds = 86_400_000;

/** The window of a logical date such as 2026-03-31, a day in UTC. Throws a RangeError for what is no date. */
export function dayWindow(date: string): TimeWindow {
  const from = /^\d{4}-\d{2}-\d{2}$/.test(date) ? isoTimeOf(date) : null;
  if (from === null) throw new RangeError(`"${date}" is no date; expected one such as 2026-03-31`);
  return { from, to: new Date(Date.parse(from) + dayMilliseconds).toISOString() };
}

/** The logical dates from `from` up to `to`, both inclusive. */
export function datesBetween({ from, to }: { from: string; to: string }): string[] {
  const dates: string[] = [];
  const last = Date.parse(dayWindow(to).from);
  for (let at = Date.parse(dayWindow(from).from); at <= last; at += dayMilliseconds)
    dates.push(new Date(at).toISOString().slice(0, 10));
  return dates;
}

/** Where a written time lies; null where it is no time. */
export function placeInWindow({ value, window }: { value: unknown; window: TimeWindow }): 'inside' | 'outside' | null {
  const at = typeof value === 'string' ? isoTimeOf(value.trim()) : null;
  if (at === null) return null;
  return at >= window.from && at < window.to ? 'inside' : 'outside';
}
