import { ScheduleOverlapPolicy, type ScheduleOptions } from '@temporalio/client';
import type { FeedbackWatchInput } from '../contracts/feedback.js';
import type { IndexInput } from '../contracts/indexing.js';
import type { IngestInput } from '../contracts/ingest.js';
import { fairnessOf, queueName, searchAttributes, workflowIds } from '../contracts/names.js';
import { shownSummary } from '../contracts/shown-text.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { ModelSpec } from '../domain/spec/model-spec.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { batchSchedule } from './batch.js';

const minuteMilliseconds = 60_000;
const dayMilliseconds = 1440 * minuteMilliseconds;

/** What a Schedule of a model is for. */
export const scheduleKinds = ['retraining', 'feedback', 'ingest', 'batch', 'index'] as const;
export type ScheduleKind = (typeof scheduleKinds)[number];

interface Asked {
  queuePrefix: string;
  spec: ModelSpec;
  specification: ArtifactRef;
}

export const scheduleIdsOf = (model: string): Record<ScheduleKind, string> => ({
  retraining: workflowIds.schedule(model),
  feedback: workflowIds.feedbackSchedule(model),
  ingest: workflowIds.ingestSchedule(model),
  batch: workflowIds.batchSchedule(model),
  index: workflowIds.indexSchedule(model),
});

/** The Schedules that a spec asks for; null for those it has none of. */
export const wantedSchedules = (asked: Asked): Record<ScheduleKind, ScheduleOptions | null> => {
  const { model } = asked.spec;
  return {
    retraining: byModel(model, retrainingSchedule(asked)),
    feedback: byModel(model, feedbackSchedule(asked)),
    ingest: byModel(model, ingestSchedule(asked)),
    batch: byModel(model, batchSchedule(asked)),
    index: byModel(model, indexSchedule(asked)),
  };
};

/** What it starts has the model as fairness key. The SDK sends it, although its type of the options has no such field. */
function byModel(model: string, wanted: ScheduleOptions | null): ScheduleOptions | null {
  if (wanted === null) return null;
  const action = { ...wanted.action, priority: fairnessOf(model) };
  return { ...wanted, action };
}

const orchestration = (prefix: string): string => queueName({ prefix, queue: 'orchestration' });

/** The Schedule that asks for a release when retraining is due. */
function retrainingSchedule({ queuePrefix, spec }: Asked): ScheduleOptions | null {
  const scheduleId = workflowIds.schedule(spec.model);
  const wanted = spec.triggers.schedule;
  return (
    wanted && {
      scheduleId,
      spec: {
        cronExpressions: [wanted.cron],
        timezone: wanted.timezone,
        jitter: milliseconds(wanted.jitter),
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: milliseconds(wanted.catchUp) },
      action: {
        type: 'startWorkflow',
        workflowType: 'scheduledTrigger',
        workflowId: `${scheduleId}:trigger`,
        taskQueue: orchestration(queuePrefix),
        args: [{ model: spec.model }],
      },
    }
  );
}

/** The Schedule that looks at what users say of answers. */
function feedbackSchedule({ queuePrefix, spec, specification }: Asked): ScheduleOptions | null {
  const scheduleId = workflowIds.feedbackSchedule(spec.model);
  const wanted = spec.triggers.feedback;
  const input: FeedbackWatchInput = { model: spec.model, specification };
  return (
    wanted && {
      scheduleId,
      spec: { intervals: [{ every: milliseconds(wanted.every) }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: milliseconds(wanted.every) },
      action: {
        type: 'startWorkflow',
        workflowType: 'feedbackWatch',
        workflowId: `${scheduleId}:watch`,
        taskQueue: orchestration(queuePrefix),
        args: [input],
      },
    }
  );
}

/**
 * The Schedule that takes in the day before. Each run is a day of its own, so none is skipped: runs wait for each other,
 * and those that were missed while Temporal was down are made up for.
 */
function ingestSchedule({ queuePrefix, spec, specification }: Asked): ScheduleOptions | null {
  const wanted = spec.data.ingest.schedule;
  const input: IngestInput = { model: spec.model, specification, from: null, to: null };
  return (
    wanted && {
      scheduleId: workflowIds.ingestSchedule(spec.model),
      spec: { cronExpressions: [wanted.cron], timezone: wanted.timezone },
      policies: { overlap: ScheduleOverlapPolicy.BUFFER_ALL, catchupWindow: 30 * dayMilliseconds },
      action: {
        type: 'startWorkflow',
        workflowType: 'ingest',
        workflowId: workflowIds.ingest(spec.model),
        taskQueue: orchestration(queuePrefix),
        staticSummary: shownSummary(`new data of ${spec.model}, the day before`),
        typedSearchAttributes: [{ key: searchAttributes.model, value: spec.model }],
        args: [input],
      },
    }
  );
}

/** The Schedule that brings the index up to date; a run that finds nothing changed does nothing. */
function indexSchedule({ queuePrefix, spec, specification }: Asked): ScheduleOptions | null {
  const wanted = spec.retrieval?.schedule ?? null;
  const input: IndexInput = { model: spec.model, specification };
  return (
    wanted && {
      scheduleId: workflowIds.indexSchedule(spec.model),
      spec: { cronExpressions: [wanted.cron], timezone: wanted.timezone },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: dayMilliseconds },
      action: {
        type: 'startWorkflow',
        workflowType: 'index',
        workflowId: workflowIds.index(spec.model),
        taskQueue: orchestration(queuePrefix),
        staticSummary: shownSummary(`documents of ${spec.model} into its index`),
        typedSearchAttributes: [{ key: searchAttributes.model, value: spec.model }],
        args: [input],
      },
    }
  );
}

/** The Schedule of a whole deployment that looks for versions with the alias `promote`. */
export const promotionSchedule = ({ queuePrefix }: { queuePrefix: string }): ScheduleOptions => {
  const scheduleId = workflowIds.promotionSchedule(queuePrefix);
  return {
    scheduleId,
    spec: { intervals: [{ every: minuteMilliseconds }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: minuteMilliseconds },
    action: {
      type: 'startWorkflow',
      workflowType: 'promotionWatch',
      workflowId: `${scheduleId}:watch`,
      taskQueue: orchestration(queuePrefix),
      // It is started again in a minute, and touches no traffic.
      workflowRunTimeout: 5 * minuteMilliseconds,
      args: [],
    },
  };
};
