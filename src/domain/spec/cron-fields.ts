/** One field of a cron expression: its least and highest value, and the names that stand for values. */
export interface CronField {
  name: string;
  from: number;
  to: number;
  names: readonly string[];
  /** Letters of a name that are enough. */
  letters?: number;
}

const none: readonly string[] = [];
const months = 'january february march april may june july august september october november december'.split(' ');
const weekdays = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const second: CronField = { name: 'second', from: 0, to: 59, names: none };
const year: CronField = { name: 'year', from: 2000, to: 2100, names: none };
const usual: readonly CronField[] = [
  { name: 'minute', from: 0, to: 59, names: none },
  { name: 'hour', from: 0, to: 23, names: none },
  { name: 'day of month', from: 1, to: 31, names: none },
  { name: 'month', from: 1, to: 12, names: months, letters: 3 },
  { name: 'day of week', from: 0, to: 7, names: weekdays, letters: 2 },
];

/** The fields of an expression by how many it has. */
export const fieldsOf: Readonly<Record<number, readonly CronField[]>> = {
  5: usual,
  6: [...usual, year],
  7: [second, ...usual, year],
};

/** What a word stands for. */
export const shortcuts: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/** A timezone before the fields. */
export const timezonePattern = /^(?:CRON_)?TZ=(\S+)\s+/;

/** An expression without timezone and comment. */
export const bareCron = (expression: string): string =>
  expression.split('#')[0]!.trim().replace(timezonePattern, '').trim();

/** The fields of a bare expression, one text each. */
export const partsOf = (bare: string): string[] => bare.split(/\s+/).filter((part) => part !== '');

/** What stands behind `@every`; null where an expression is none of that kind. */
export const everyOf = (bare: string): string | null => /^@every\s+(.+)$/.exec(bare)?.[1] ?? null;

const unitSeconds: Readonly<Record<string, number>> = {
  ...{ ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 },
};
const durationPattern = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g;

/** Seconds of a duration as Go writes it; null of anything else. */
export function goSeconds(text: string): number | null {
  if (text === '' || text.replace(durationPattern, '') !== '') return null;
  return [...text.matchAll(durationPattern)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * unitSeconds[unit!]!,
    0,
  );
}

/** A number, or a name by its first letters; null of anything else. */
export function valueOf({ text, field }: { text: string; field: CronField }): number | null {
  const { from, names, letters = 0 } = field;
  if (/^\d+$/.test(text)) return Number(text);
  const named = text.length < letters ? -1 : names.findIndex((name) => name.startsWith(text.toLowerCase()));
  return named === -1 ? null : named + from;
}
