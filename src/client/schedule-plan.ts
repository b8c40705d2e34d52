import { ScheduleNotFoundError, type Client, type ScheduleDescription, type ScheduleOptions } from '@temporalio/client';
import type { Priority } from '@temporalio/common';
import { differencesOf, type Difference } from '../domain/spec/differences.js';
import { durationMilliseconds } from '../domain/spec/quantities.js';

/** What becomes of a Schedule. */
export interface SchedulePlan {
  scheduleId: string;
  change: 'create' | 'update' | 'remove' | 'keep' | 'none';
  /** What is otherwise than wanted; empty unless it is updated. */
  differences: Difference[];
  wanted: ScheduleOptions | null;
}

/** What may stand in a cron expression behind its fields. */
const withoutComment = (cron: string): string => cron.split('#')[0]!.trim();

/** The server keeps no cron expression, but a comment in it. */
const withComments = (wanted: ScheduleOptions): ScheduleOptions => {
  const { cronExpressions } = wanted.spec;
  const spec = {
    ...wanted.spec,
    ...(cronExpressions && { cronExpressions: cronExpressions.map((cron) => `${withoutComment(cron)} # ${cron}`) }),
  };
  return { ...wanted, spec };
};

/** The server makes an interval of `@every 24h`, without a comment; as one it is wanted and found again. */
const withIntervals = (wanted: ScheduleOptions): ScheduleOptions => {
  const { cronExpressions = [], intervals = [] } = wanted.spec;
  const every = (cron: string): number | null =>
    durationMilliseconds(/^@every\s+(.+)$/.exec(withoutComment(cron))?.[1] ?? '');
  const found = cronExpressions.flatMap((cron) => every(cron) ?? []);
  if (found.length === 0) return wanted;
  const left = cronExpressions.filter((cron) => every(cron) === null);
  const spec = {
    ...wanted.spec,
    cronExpressions: left,
    intervals: [...intervals, ...found.map((milliseconds) => ({ every: milliseconds }))],
  };
  return { ...wanted, spec };
};

/** Wanted Schedules give their durations in milliseconds. */
const duration = (value: unknown): number | null => (typeof value === 'number' ? value : null);

const viewOf = ({ spec, policies, action }: ScheduleOptions) => ({
  cron: (spec.cronExpressions ?? []).map((cron) => cron.trim()),
  everyMilliseconds: (spec.intervals ?? []).map(({ every }) => duration(every)),
  timezone: spec.timezone ?? 'UTC',
  jitterMilliseconds: duration(spec.jitter) ?? 0,
  overlap: policies?.overlap as string | undefined,
  catchUpMilliseconds: duration(policies?.catchupWindow),
  workflow: action.workflowType,
  queue: action.taskQueue,
  arguments: 'args' in action ? (action.args ?? []) : [],
  fairnessKey: 'priority' in action ? ((action.priority as Priority).fairnessKey ?? '') : '',
});

const viewOfFound = ({ spec, policies, action }: ScheduleDescription): ReturnType<typeof viewOf> => ({
  cron: (spec.calendars ?? []).map(({ comment }) => comment ?? ''),
  everyMilliseconds: (spec.intervals ?? []).map(({ every }) => every),
  timezone: spec.timezone ?? 'UTC',
  jitterMilliseconds: spec.jitter ?? 0,
  overlap: policies.overlap,
  catchUpMilliseconds: policies.catchupWindow,
  workflow: action.workflowType,
  queue: action.taskQueue,
  arguments: action.args ?? [],
  fairnessKey: action.priority?.fairnessKey ?? '',
});

/** What has to be done for a Schedule to be as wanted; null wants none. */
export async function planSchedule({
  temporal,
  scheduleId,
  wanted: asked,
}: {
  temporal: Client;
  scheduleId: string;
  wanted: ScheduleOptions | null;
}): Promise<SchedulePlan> {
  const wanted = asked && withIntervals(asked);
  const found = await temporal.schedule
    .getHandle(scheduleId)
    .describe()
    .catch((error: unknown) => {
      if (error instanceof ScheduleNotFoundError) return null;
      throw error;
    });
  const plan = (change: SchedulePlan['change'], differences: Difference[] = []): SchedulePlan => ({
    ...{ scheduleId, change, differences, wanted },
  });
  if (wanted === null) return plan(found ? 'remove' : 'none');
  if (!found) return plan('create');
  const differences = differencesOf({ from: viewOfFound(found), to: viewOf(wanted) });
  return differences.length === 0 ? plan('keep') : plan('update', differences);
}

/** Does what the plan says. A Schedule that was changed meanwhile ends as wanted too. */
export async function carryOutSchedule({
  temporal,
  plan: { scheduleId, change, wanted },
}: {
  temporal: Client;
  plan: SchedulePlan;
}): Promise<void> {
  const handle = temporal.schedule.getHandle(scheduleId);
  if (change === 'remove') await handle.delete();
  if (change === 'create') await temporal.schedule.create(withComments(wanted!));
  if (change === 'update') {
    const { spec, policies, action } = withComments(wanted!);
    await handle.update((previous) => ({
      ...previous,
      spec,
      policies: { ...previous.policies, ...policies },
      action: { ...previous.action, ...action },
    }));
  }
}
