import { z } from 'zod';

/** Its name as this runtime writes it; null of what is none. */
function known(name: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

export const expectedTimezone = 'expected a time zone such as Europe/Berlin';

export const timezoneSchema = z
  .string()
  .refine((name) => known(name) !== null, expectedTimezone)
  .default('UTC');

/** A time zone that Temporal knows too: it goes by upper and lower case, and knows no offsets such as +01:00. */
export function isScheduleTimezone(name: string): boolean {
  const found = known(name);
  return found !== null && /^[A-Z]/.test(name) && (found === name || found.toLowerCase() !== name.toLowerCase());
}
