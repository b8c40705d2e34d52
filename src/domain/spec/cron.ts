import { z } from 'zod';
import { isScheduleTimezone } from './timezone.js';

interface Field {
  name: string;
  from: number;
  to: number;
  names: readonly string[];
}

const none: readonly string[] = [];
const months = 'january february march april may june july august september october november december'.split(' ');
const weekdays = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const second: Field = { name: 'second', from: 0, to: 59, names: none };
const year: Field = { name: 'year', from: 2000, to: 2100, names: none };
const usual: readonly Field[] = [
  { name: 'minute', from: 0, to: 59, names: none },
  { name: 'hour', from: 0, to: 23, names: none },
  { name: 'day of month', from: 1, to: 31, names: none },
  { name: 'month', from: 1, to: 12, names: months },
  { name: 'day of week', from: 0, to: 7, names: weekdays },
];
const fieldsOf: Readonly<Record<number, readonly Field[]>> = {
  5: usual,
  6: [...usual, year],
  7: [second, ...usual, year],
};

const shortcuts = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
const goDuration = String.raw`(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+`;
const everyPattern = new RegExp(`^@every\\s+${goDuration}(?:/${goDuration})?$`);
const timezonePattern = /^(?:CRON_)?TZ=(\S+)\s+/;

/** A number, or a name by its first two letters or more; null of anything else. */
function valueOf({ text, field: { from, names } }: { text: string; field: Field }): number | null {
  if (/^\d+$/.test(text)) return Number(text);
  const named = text.length < 2 ? -1 : names.findIndex((name) => name.startsWith(text.toLowerCase()));
  return named === -1 ? null : named + from;
}

/** What is wrong with one part of a field between commas: `*`, `5`, `1-5`, each with a step or without. */
function partProblem({ part, field }: { part: string; field: Field }): string | null {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !/^0*[1-9]\d*$/.test(step)))
    return `the step of "${part}" is no whole number over 0`;
  if (range === '*') return null;
  const values = range.split('-').map((text) => valueOf({ text, field }));
  const [start = null, end = start] = values;
  if (values.length > 2 || start === null || end === null || start < field.from || end > field.to)
    return `"${part}" is not in ${field.from} to ${field.to}`;
  return end < start ? `"${part}" ends before it begins` : null;
}

/**
 * What is wrong with a cron expression, as Temporal's Schedules read it: 5 fields, 6 with a year, 7 with seconds before
 * them; `@hourly` and the like, `@every 90m`; a timezone before and a comment behind. Null where nothing is.
 */
export function cronProblem(expression: string): string | null {
  const [, timezone] = timezonePattern.exec(expression.trimStart()) ?? [];
  if (timezone !== undefined && !isScheduleTimezone(timezone)) return `there is no timezone ${timezone}`;
  const text = expression.split('#')[0]!.trim().replace(timezonePattern, '');
  if (shortcuts.has(text) || everyPattern.test(text)) return null;
  const parts = text.split(/\s+/).filter((part) => part !== '');
  const fields = fieldsOf[parts.length];
  if (!fields) return `it has ${parts.length} fields`;
  for (const [index, field] of fields.entries())
    for (const part of parts[index]!.split(',')) {
      const problem = partProblem({ part, field });
      if (problem !== null) return `${field.name}: ${problem}`;
    }
  return null;
}

/** A cron expression that Temporal takes: found out before a spec comes into force, not after. */
export const cronSchema = z
  .string()
  .min(1)
  .superRefine((expression, context) => {
    const problem = cronProblem(expression);
    if (problem !== null)
      context.addIssue({
        code: 'custom',
        message: `expected minute hour day-of-month month day-of-week, such as 0 2 * * 1-5 (${problem})`,
      });
  });
