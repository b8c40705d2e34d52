import { z } from 'zod';
import { timezoneSchema } from './timezone.js';

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 22:00');

/** Hours of every day, over midnight where `to` is the earlier time. */
export const quietHoursSchema = z
  .strictObject({ from: timeOfDay, to: timeOfDay, timezone: timezoneSchema })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'expected another time than from' });
export type QuietHours = z.infer<typeof quietHoursSchema>;

const minutesInDay = 1440;
const minuteMilliseconds = 60_000;

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

function localMinutes({ at, timezone }: { at: number; timezone: string }): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return minutesOf(format.format(at));
}

/** Minutes of local time until the quiet hours end; null outside of them. */
function minutesLeft({ quietHours: { from, to, timezone }, at }: { quietHours: QuietHours; at: number }) {
  const local = localMinutes({ at, timezone });
  const since = (local - minutesOf(from) + minutesInDay) % minutesInDay;
  const length = (minutesOf(to) - minutesOf(from) + minutesInDay) % minutesInDay;
  return since < length ? length - since : null;
}

/**
 * When the quiet hours that `now` (ISO 8601) lies in are over; null outside of them. Where clocks are put forward in
 * them, the end is up to an hour late; where they are put back, it is right.
 */
export function quietUntil({
  quietHours,
  now,
}: {
  quietHours: QuietHours | null | undefined;
  now: string;
}): string | null {
  if (!quietHours) return null;
  const start = Math.floor(Date.parse(now) / minuteMilliseconds) * minuteMilliseconds;
  let end = start;
  for (let left = minutesLeft({ quietHours, at: end }); left !== null; left = minutesLeft({ quietHours, at: end }))
    end += left * minuteMilliseconds;
  return end === start ? null : new Date(end).toISOString();
}
