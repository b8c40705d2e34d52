import type { ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import type { Priority } from '@temporalio/common';
import { cronOf, cronTimes, type CronCalendar } from '../domain/spec/cron-times.js';

const months = [
  ...['JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE'],
  ...['JULY', 'AUGUST', 'SEPTEMBER', 'OCTOBER', 'NOVEMBER', 'DECEMBER'],
];
const weekdays = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];

type FoundCalendar = NonNullable<ScheduleDescription['spec']['calendars']>[number];
interface FoundRange<Value> {
  start: Value;
  end: Value;
  step: number;
}

function valuesOf<Value>(ranges: readonly FoundRange<Value>[], numberOf: (value: Value) => number): number[] {
  const values = new Set<number>();
  for (const { start, end, step } of ranges)
    for (let value = numberOf(start); value <= numberOf(end); value += step) values.add(value);
  return [...values].sort((one, other) => one - other);
}

const calendarOf = ({ second, minute, hour, dayOfMonth, month, dayOfWeek, year }: FoundCalendar): CronCalendar => ({
  second: valuesOf(second, Number),
  minute: valuesOf(minute, Number),
  hour: valuesOf(hour, Number),
  dayOfMonth: valuesOf(dayOfMonth, Number),
  month: valuesOf(month, (name) => months.indexOf(name) + 1),
  dayOfWeek: valuesOf(dayOfWeek, (name) => weekdays.indexOf(name)),
  year: valuesOf(year, Number),
});

/**
 * The expression that a calendar was made of, which stands in its comment. Where its times are others, somebody has
 * changed them, and they are said as they are.
 */
function cronOfFound(found: FoundCalendar): string {
  const comment = found.comment?.trim() ?? '';
  const meant = cronTimes(comment)?.calendar ?? null;
  const times = cronOf(calendarOf(found));
  return meant !== null && cronOf(meant) === times ? comment : times;
}

/** Wanted Schedules give their durations in milliseconds. */
const duration = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** What of a wanted Schedule is compared with the one that stands; what nothing wants is what nobody may have added. */
export const viewOf = ({ spec, policies, action }: ScheduleOptions) => ({
  cron: (spec.cronExpressions ?? []).map((cron) => cron.trim()),
  everyMilliseconds: (spec.intervals ?? []).map(({ every }) => duration(every)),
  offsetMilliseconds: (spec.intervals ?? []).map(({ offset }) => duration(offset) ?? 0),
  skip: [] as string[],
  startAt: spec.startAt?.toISOString() ?? null,
  endAt: spec.endAt?.toISOString() ?? null,
  remainingActions: null as number | null,
  timezone: spec.timezone || 'UTC',
  jitterMilliseconds: duration(spec.jitter) ?? 0,
  overlap: policies?.overlap as string | undefined,
  catchUpMilliseconds: duration(policies?.catchupWindow),
  pauseOnFailure: policies?.pauseOnFailure ?? false,
  workflow: action.workflowType,
  workflowId: action.workflowId,
  queue: action.taskQueue,
  arguments: 'args' in action ? (action.args ?? []) : [],
  fairnessKey: 'priority' in action ? ((action.priority as Priority).fairnessKey ?? '') : '',
  executionTimeoutMilliseconds: duration(action.workflowExecutionTimeout),
  runTimeoutMilliseconds: duration(action.workflowRunTimeout),
});

/** The same of what the server holds. */
export const viewOfFound = ({ spec, policies, action, state }: ScheduleDescription): ReturnType<typeof viewOf> => ({
  cron: (spec.calendars ?? []).map(cronOfFound),
  everyMilliseconds: (spec.intervals ?? []).map(({ every }) => every),
  offsetMilliseconds: (spec.intervals ?? []).map(({ offset }) => offset ?? 0),
  skip: (spec.skip ?? []).map((one) => cronOf(calendarOf(one))),
  startAt: spec.startAt?.toISOString() ?? null,
  endAt: spec.endAt?.toISOString() ?? null,
  remainingActions: state.remainingActions ?? null,
  timezone: spec.timezone || 'UTC',
  jitterMilliseconds: spec.jitter ?? 0,
  overlap: policies.overlap,
  catchUpMilliseconds: policies.catchupWindow,
  pauseOnFailure: policies.pauseOnFailure,
  workflow: action.workflowType,
  workflowId: action.workflowId,
  queue: action.taskQueue,
  arguments: action.args ?? [],
  fairnessKey: action.priority?.fairnessKey ?? '',
  executionTimeoutMilliseconds: duration(action.workflowExecutionTimeout) || null,
  runTimeoutMilliseconds: duration(action.workflowRunTimeout) || null,
});
