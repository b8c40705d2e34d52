import { cronProblem } from './cron.js';
import type { SpecProblem } from './model-spec.js';
import { expectedTimezone, isScheduleTimezone } from './timezone.js';

const schedules = ['triggers.schedule', 'batch.schedule', 'data.ingest.schedule', 'retrieval.schedule'];

const at = (document: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce((found: unknown, name) => (found as Record<string, unknown> | null | undefined)?.[name], document);

/**
 * What Temporal would refuse of the Schedules of a spec as people wrote it: found out before the spec comes into force.
 * No part of the schema, by which specs are read that are in force already.
 */
export const scheduleProblems = (document: unknown): SpecProblem[] =>
  schedules.flatMap((path) => {
    const [expression, timezone = 'UTC'] = ['cron', 'timezone'].map((name) => at(document, `${path}.${name}`));
    if (typeof timezone !== 'string') return [];
    if (timezone !== '' && !isScheduleTimezone(timezone))
      return [{ path: `${path}.timezone`, value: timezone, expected: expectedTimezone }];
    const problem = typeof expression === 'string' ? cronProblem({ expression, timezone }) : null;
    if (problem === null) return [];
    const expected = `expected minute hour day-of-month month day-of-week, such as 0 2 * * 1-5 (${problem})`;
    return [{ path: `${path}.cron`, value: expression, expected }];
  });
