import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  WithStartWorkflowOperation,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import type { ArtifactStore } from '../activities/ports.js';
import type { IngestInput } from '../contracts/ingest.js';
import { lifecycleMessages } from '../contracts/lifecycle.js';
import { queueName, searchAttributes, workflowIds } from '../contracts/names.js';
import { servingDocumentOf } from '../contracts/serving-document.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { canonicalJson, sha256Hex } from '../domain/release/evidence.js';
import type { ModelSpec } from '../domain/spec/model-spec.js';
import { specificationSchema } from '../domain/spec/specification.js';
import { batchSchedule } from './batch.js';
import { freezeGolden } from './freeze-golden.js';
import { keepCalibration, type ReadSpecification } from './specification-file.js';

export interface AppliedSpecification {
  model: string;
  digest: string;
  effective: 'now' | 'after the running release';
  /** What became of the Schedule that asks for releases. */
  schedule: ScheduleChange;
  /** What became of the Schedule that takes in new data. */
  ingestSchedule: ScheduleChange;
  /** What became of the Schedule that renews summaries. */
  batchSchedule: ScheduleChange;
}

/**
 * Makes a spec the model's own: its files into the store, the lifecycle started or told, the Schedules made, changed or
 * removed. Safe to repeat.
 */
export async function applySpecification({
  temporal,
  store,
  queuePrefix,
  read,
  by,
}: {
  temporal: Client;
  store: ArtifactStore;
  queuePrefix: string;
  read: ReadSpecification;
  by: string;
}): Promise<AppliedSpecification> {
  const { model } = read.specification.spec;
  const goldenRef = await freezeGolden({ store, golden: read.golden });
  const { name, version } = read.golden;
  const specification = specificationSchema.parse({
    ...read.specification,
    ...(await keepCalibration({ store, calibration: read.calibration })),
    golden: { name, version, ref: goldenRef },
  });
  const body = Buffer.from(canonicalJson(specification));
  const { ref } = await store.putIfAbsent({ key: storeKeys.specification({ model, digest: sha256Hex(body) }), body });

  const start = new WithStartWorkflowOperation('modelLifecycle', {
    workflowId: workflowIds.lifecycle(model),
    taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }),
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `lifecycle of ${model}`,
    typedSearchAttributes: [{ key: searchAttributes.model, value: model }],
    args: [{ model, specification: ref, state: null }],
  });
  const { digest, effective } = await temporal.workflow.executeUpdateWithStart(lifecycleMessages.applySpec, {
    startWorkflowOperation: start,
    args: [{ ref, by }],
  });
  const { spec } = specification;
  // Otherwise the next release puts it there, so that a canary under way is judged by one SLO.
  if (effective === 'now')
    await store.put({ key: storeKeys.serving({ model }), body: Buffer.from(canonicalJson(servingDocumentOf(spec))) });
  const schedule = await applySchedule({
    temporal,
    scheduleId: workflowIds.schedule(model),
    wanted: retrainingSchedule({ queuePrefix, spec }),
  });
  const ingesting = await applySchedule({
    temporal,
    scheduleId: workflowIds.ingestSchedule(model),
    wanted: ingestSchedule({ queuePrefix, spec, specification: ref }),
  });
  const summarising = await applySchedule({
    temporal,
    scheduleId: workflowIds.batchSchedule(model),
    wanted: batchSchedule({ queuePrefix, spec, specification: ref }),
  });
  return { model, digest, effective, schedule, ingestSchedule: ingesting, batchSchedule: summarising };
}

type ScheduleChange = 'created' | 'updated' | 'removed' | 'none';

/** The Schedule that asks for a release when retraining is due; null where the spec has none. */
function retrainingSchedule({ queuePrefix, spec }: { queuePrefix: string; spec: ModelSpec }): ScheduleOptions | null {
  const scheduleId = workflowIds.schedule(spec.model);
  const wanted = spec.triggers.schedule;
  return (
    wanted && {
      scheduleId,
      spec: { cronExpressions: [wanted.cron], timezone: wanted.timezone },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 hour' },
      action: {
        type: 'startWorkflow',
        workflowType: 'scheduledTrigger',
        workflowId: `${scheduleId}:trigger`,
        taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }),
        args: [{ model: spec.model }],
      },
    }
  );
}

/**
 * The Schedule that takes in the day before; null where the spec has none. Each run is a day of its own, so none is
 * skipped: runs wait for each other, and those that were missed while Temporal was down are made up for.
 */
function ingestSchedule({
  queuePrefix,
  spec,
  specification,
}: {
  queuePrefix: string;
  spec: ModelSpec;
  specification: ArtifactRef;
}): ScheduleOptions | null {
  const wanted = spec.data.ingest.schedule;
  const input: IngestInput = { model: spec.model, specification, from: null, to: null };
  return (
    wanted && {
      scheduleId: workflowIds.ingestSchedule(spec.model),
      spec: { cronExpressions: [wanted.cron], timezone: wanted.timezone },
      policies: { overlap: ScheduleOverlapPolicy.BUFFER_ALL, catchupWindow: '30 days' },
      action: {
        type: 'startWorkflow',
        workflowType: 'ingest',
        workflowId: workflowIds.ingest(spec.model),
        taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }),
        staticSummary: `new data of ${spec.model}, the day before`,
        typedSearchAttributes: [{ key: searchAttributes.model, value: spec.model }],
        args: [input],
      },
    }
  );
}

async function applySchedule({
  temporal,
  scheduleId,
  wanted,
}: {
  temporal: Client;
  scheduleId: string;
  wanted: ScheduleOptions | null;
}): Promise<ScheduleChange> {
  const handle = temporal.schedule.getHandle(scheduleId);
  if (wanted === null) {
    const removed = await handle.delete().then(
      () => true,
      () => false,
    );
    return removed ? 'removed' : 'none';
  }
  try {
    await temporal.schedule.create(wanted);
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await handle.update((previous) => ({
      ...previous,
      spec: wanted.spec,
      policies: { ...previous.policies, ...wanted.policies },
      action: { ...previous.action, ...wanted.action },
    }));
    return 'updated';
  }
}
