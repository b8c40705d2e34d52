interface Field {
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
const second: Field = { name: 'second', from: 0, to: 59, names: none };
const year: Field = { name: 'year', from: 2000, to: 2100, names: none };
const usual: readonly Field[] = [
  { name: 'minute', from: 0, to: 59, names: none },
  { name: 'hour', from: 0, to: 23, names: none },
  { name: 'day of month', from: 1, to: 31, names: none },
  { name: 'month', from: 1, to: 12, names: months, letters: 3 },
  { name: 'day of week', from: 0, to: 7, names: weekdays, letters: 2 },
];
const fieldsOf: Readonly<Record<number, readonly Field[]>> = {
  5: usual,
  6: [...usual, year],
  7: [second, ...usual, year],
};

const shortcuts = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
const unitSeconds: Readonly<Record<string, number>> = {
  ...{ ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 },
};
const durationPattern = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g;

/** Seconds of a duration as Go writes it; null of anything else. */
function secondsOf(text: string): number | null {
  if (text === '' || text.replace(durationPattern, '') !== '') return null;
  return [...text.matchAll(durationPattern)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * unitSeconds[unit!]!,
    0,
  );
}

/** What is wrong with `90m` or `1h/5m` behind `@every`: how often, and how long after the beginning of each hour. */
function everyProblem(text: string): string | null {
  const [every = null, phase = 0, ...more] = text.split('/').map(secondsOf);
  if (every === null || phase === null || more.length > 0) return `"${text}" is no interval such as 90m`;
  if (every < 1) return `"${text}" is under a second`;
  return phase < every ? null : `"${text}" begins after its interval`;
}

const timezonePattern = /^(?:CRON_)?TZ=(\S+)\s+/;

/** A number, or a name by its first letters; null of anything else. */
function valueOf({ text, field }: { text: string; field: Field }): number | null {
  const { from, names, letters = 0 } = field;
  if (/^\d+$/.test(text)) return Number(text);
  const named = text.length < letters ? -1 : names.findIndex((name) => name.startsWith(text.toLowerCase()));
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
 * them; `@hourly` and the like, `@every 90m`; a timezone before, which must be that of the Schedule, and a comment behind.
 * Null where nothing is.
 */
export function cronProblem({ expression, timezone }: { expression: string; timezone: string }): string | null {
  const [, named = timezone] = timezonePattern.exec(expression.trimStart()) ?? [];
  if (named !== timezone) return `it names the timezone ${named}, and timezone is ${timezone || 'none'}`;
  const text = expression.split('#')[0]!.trim().replace(timezonePattern, '');
  if (shortcuts.has(text)) return null;
  const [, every] = /^@every\s+(.+)$/.exec(text) ?? [];
  if (every !== undefined) return everyProblem(every);
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
