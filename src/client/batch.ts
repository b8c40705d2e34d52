import {
  ScheduleOverlapPolicy,
  WorkflowExecutionAlreadyStartedError,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import type { ArtifactStore } from '../activities/ports.js';
import { loadSpecification } from '../activities/specifications.js';
import {
  batchInputOf,
  batchMessages,
  type BatchInput,
  type BatchProgress,
  type PauseBatch,
} from '../contracts/batch.js';
import { fairnessOf, queueName, searchAttributes, workflowIds } from '../contracts/names.js';
import { shownSummary } from '../contracts/shown-text.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { ModelSpec } from '../domain/spec/model-spec.js';

interface Place {
  temporal: Client;
  store: Pick<ArtifactStore, 'get'>;
  queuePrefix: string;
}

/** The Schedule that renews summaries; null where the spec has none. Runs that were missed are one run's work. */
export function batchSchedule({
  queuePrefix,
  spec,
  specification,
}: {
  queuePrefix: string;
  spec: ModelSpec;
  specification: ArtifactRef;
}): ScheduleOptions | null {
  const input = batchInputOf({ spec, specification });
  const wanted = spec.batch?.schedule ?? null;
  const scheduleId = workflowIds.batchSchedule(spec.model);
  if (wanted === null || input === null) return null;
  return {
    scheduleId,
    spec: { cronExpressions: [wanted.cron], timezone: wanted.timezone },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: 3_600_000 },
    action: {
      type: 'startWorkflow',
      workflowType: 'scheduledBatch',
      workflowId: `${scheduleId}:trigger`,
      taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }),
      args: [input],
    },
  };
}

async function startOptions({ store, queuePrefix, specification }: Place & { specification: ArtifactRef }) {
  const { spec } = await loadSpecification({ store, ref: specification });
  const input = batchInputOf({ spec, specification });
  if (input === null)
    throw new Error(`${spec.model}: batch is null; name the source of its reviews in the spec, and apply it`);
  return {
    workflowId: workflowIds.batch(spec.model),
    taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }),
    staticSummary: shownSummary(`summaries of ${spec.model}`),
    priority: fairnessOf(spec.model),
    typedSearchAttributes: [{ key: searchAttributes.model, value: spec.model }],
    args: [input] as [BatchInput],
  };
}

/** Starts a run now, or joins the one that is under way. */
export async function startBatch(
  place: Place & { specification: ArtifactRef },
): Promise<{ workflowId: string; result: () => Promise<BatchProgress>; progress: () => Promise<BatchProgress> }> {
  const options = await startOptions(place);
  const { workflow } = place.temporal;
  const handle = await workflow.start('batchInference', options).catch((error: unknown) => {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return workflow.getHandle(options.workflowId);
    throw error;
  });
  return {
    workflowId: options.workflowId,
    result: async () => (await handle.result()) as BatchProgress,
    progress: () => handle.query(batchMessages.progress),
  };
}

/** Holds the batch of a model at once; where none runs, one is started that waits, so that no later one begins. */
export async function pauseBatch({
  pause,
  ...place
}: Place & { specification: ArtifactRef; pause: PauseBatch }): Promise<void> {
  await place.temporal.workflow.signalWithStart('batchInference', {
    ...(await startOptions(place)),
    signal: batchMessages.pause,
    signalArgs: [pause],
  });
}

/** Lets a paused batch go on. Rejects with `WorkflowNotFoundError` where none is under way. */
export const resumeBatch = ({ temporal, model, by }: Pick<Place, 'temporal'> & { model: string; by: string }) =>
  temporal.workflow.getHandle(workflowIds.batch(model)).signal(batchMessages.resume, { by });
