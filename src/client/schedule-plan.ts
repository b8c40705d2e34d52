import { ScheduleNotFoundError, type Client, type ScheduleOptions } from '@temporalio/client';
import { cronTimes } from '../domain/spec/cron-times.js';
import { differencesOf, type Difference } from '../domain/spec/differences.js';
import { viewOf, viewOfFound } from './schedule-view.js';

/** What becomes of a Schedule. */
export interface SchedulePlan {
  scheduleId: string;
  change: 'create' | 'update' | 'remove' | 'keep' | 'none';
  /** What is otherwise than wanted; empty unless it is updated. */
  differences: Difference[];
  /** The note of whoever has paused it, maybe empty; null where it is not paused. Applying a spec leaves it so. */
  pausedNote: string | null;
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
  const times = cronExpressions.map((cron) => ({ cron, interval: cronTimes(cron)?.interval ?? null }));
  if (times.every(({ interval }) => interval === null)) return wanted;
  const spec = {
    ...wanted.spec,
    cronExpressions: times.filter(({ interval }) => interval === null).map(({ cron }) => cron),
    intervals: [
      ...intervals,
      ...times.flatMap(({ interval }) =>
        interval === null ? [] : [{ every: interval.everyMilliseconds, offset: interval.offsetMilliseconds }],
      ),
    ],
  };
  return { ...wanted, spec };
};

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
    pausedNote: found?.state.paused ? (found.state.note ?? '') : null,
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
      policies: { pauseOnFailure: false, ...policies },
      action: { ...action, workflowId: action.workflowId ?? previous.action.workflowId },
      // Whoever has paused it keeps it paused; a number of runs that are left is no wish of a spec.
      state: { paused: previous.state.paused, note: previous.state.note },
    }));
  }
}
