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

/** What is wrong with `90m` or `1h/5m` behind `@every`: how often, and how long after the beginning of each hour. */
function everyProblem(text: string): string | null {
  const [every = null, phase = 0, ...more] = text.split('/').map(goSeconds);
  if (every === null || phase === null || more.length > 0) return `"${text}" is no interval such as 90m`;
  if (every < 1) return `"${text}" is under a second`;
  return phase < every ? null : `"${text}" begins after its interval`;
}

/** What is wrong with one part of a field between commas: `*`, `5`, `1-5`, each with a step or without. */
function partProblem({ part, field }: { part: string; field: CronField }): string | null {
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
  const text = bareCron(expression);
  if (shortcuts.has(text)) return null;
  const every = everyOf(text);
  if (every !== null) return everyProblem(every);
  const parts = partsOf(text);
  const fields = fieldsOf[parts.length];
  if (!fields) return `it has ${parts.length} fields`;
  for (const [index, field] of fields.entries())
    for (const part of parts[index]!.split(',')) {
      const problem = partProblem({ part, field });
      if (problem !== null) return `${field.name}: ${problem}`;
    }
  return null;
}
