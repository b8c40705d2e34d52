import { cronProblem } from './cron.js';
import {
  bareCron,
  everyOf,
  fieldsOf,
  goSeconds,
  partsOf,
  shortcuts,
  timezonePattern,
  valueOf,
  type CronField,
} from './cron-fields.js';

/** The values at which each field is due, rising and once each. Months and days of the week begin at 1 and 0. */
export interface CronCalendar {
  second: number[];
  minute: number[];
  hour: number[];
  dayOfMonth: number[];
  month: number[];
  dayOfWeek: number[];
  /** Empty is every year. */
  year: number[];
}

export interface CronInterval {
  everyMilliseconds: number;
  /** How long after the beginning of each interval. */
  offsetMilliseconds: number;
}

const rising = (values: Iterable<number>): number[] => [...new Set(values)].sort((one, other) => one - other);

/** What one part between commas names. `5/15` goes from 5 to the field's end, as the server reads it. */
function valuesOfPart({ part, field }: { part: string; field: CronField }): number[] {
  const [range = '', step] = part.split('/');
  const [start = field.from, end = step === undefined ? start : field.to] =
    range === '*' ? [field.from, field.to] : range.split('-').map((text) => valueOf({ text, field })!);
  const values: number[] = [];
  for (let value = start; value <= end; value += Number(step ?? 1)) values.push(value);
  return values;
}

const valuesOf = ({ text, field }: { text: string; field: CronField }): number[] =>
  rising(text.split(',').flatMap((part) => valuesOfPart({ part, field })));

/**
 * What Temporal's server makes of a cron expression, comment and timezone aside: a calendar, or an interval of
 * `@every`. Null of what is no cron expression.
 */
export function cronTimes(
  expression: string,
): { calendar: CronCalendar; interval: null } | { calendar: null; interval: CronInterval } | null {
  const [, timezone = ''] = timezonePattern.exec(expression.trimStart()) ?? [];
  if (cronProblem({ expression, timezone }) !== null) return null;
  const bare = bareCron(expression);
  const every = everyOf(bare);
  if (every !== null) {
    const [interval = 0, offset = 0] = every.split('/').map((text) => Math.round(goSeconds(text)! * 1000));
    return { calendar: null, interval: { everyMilliseconds: interval, offsetMilliseconds: offset } };
  }
  const parts = partsOf(shortcuts.get(bare) ?? bare);
  const named = new Map(
    fieldsOf[parts.length]!.map((field, at) => [field.name, valuesOf({ text: parts[at]!, field })] as const),
  );
  const isAnyYear = parts.length === 5 || parts.at(-1) === '*';
  const calendar: CronCalendar = {
    second: named.get('second') ?? [0],
    minute: named.get('minute')!,
    hour: named.get('hour')!,
    dayOfMonth: named.get('day of month')!,
    month: named.get('month')!,
    // Sunday is 0 and 7.
    dayOfWeek: rising(named.get('day of week')!.map((day) => day % 7)),
    year: isAnyYear ? [] : named.get('year')!,
  };
  return { calendar, interval: null };
}

/** `1-5,8` of the values of a field, `*` of all of them. */
function textOfValues({ values, from, to }: { values: readonly number[]; from: number; to: number }): string {
  if (values.length === to - from + 1) return '*';
  const runs: [number, number][] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last?.[1] === value - 1) last[1] = value;
    else runs.push([value, value]);
  }
  return runs.map(([start, end]) => (start === end ? `${start}` : `${start}-${end}`)).join(',');
}

/** A calendar as a cron expression, for people; the years and seconds only where they say something. */
export function cronOf({ second, minute, hour, dayOfMonth, month, dayOfWeek, year }: CronCalendar): string {
  const fields = [
    textOfValues({ values: minute, from: 0, to: 59 }),
    textOfValues({ values: hour, from: 0, to: 23 }),
    textOfValues({ values: dayOfMonth, from: 1, to: 31 }),
    textOfValues({ values: month, from: 1, to: 12 }),
    textOfValues({ values: dayOfWeek, from: 0, to: 6 }),
  ];
  const isWholeMinute = second.length === 1 && second[0] === 0;
  const years = year.length === 0 ? '*' : textOfValues({ values: year, from: 2000, to: 2100 });
  if (!isWholeMinute) return [textOfValues({ values: second, from: 0, to: 59 }), ...fields, years].join(' ');
  return [...fields, ...(year.length === 0 ? [] : [years])].join(' ');
}
