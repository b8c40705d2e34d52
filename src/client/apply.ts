import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  WithStartWorkflowOperation,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import type { ArtifactStore } from '../activities/ports.js';
import { lifecycleMessages } from '../contracts/lifecycle.js';
import { queueName, searchAttributes, workflowIds } from '../contracts/names.js';
import { storeKeys } from '../contracts/store-keys.js';
import { canonicalJson, sha256Hex } from '../domain/release/evidence.js';
import type { ModelSpec } from '../domain/spec/model-spec.js';
import { specificationSchema } from '../domain/spec/specification.js';
import { freezeGolden } from './freeze-golden.js';
import type { ReadSpecification } from './specification-file.js';

export interface AppliedSpecification {
  model: string;
  digest: string;
  effective: 'now' | 'after the running release';
  schedule: 'created' | 'updated' | 'removed' | 'none';
}

/**
 * Makes a spec the model's own: its files into the store, the lifecycle started or told, the Schedule made, changed or
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
  const specification = specificationSchema.parse({ ...read.specification, golden: { name, version, ref: goldenRef } });
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
  const schedule = await applySchedule({ temporal, queuePrefix, spec: specification.spec });
  return { model, digest, effective, schedule };
}

async function applySchedule({
  temporal,
  queuePrefix,
  spec,
}: {
  temporal: Client;
  queuePrefix: string;
  spec: ModelSpec;
}): Promise<AppliedSpecification['schedule']> {
  const scheduleId = workflowIds.schedule(spec.model);
  const handle = temporal.schedule.getHandle(scheduleId);
  const wanted = spec.triggers.schedule;
  if (!wanted) {
    const removed = await handle.delete().then(
      () => true,
      () => false,
    );
    return removed ? 'removed' : 'none';
  }
  const options: ScheduleOptions = {
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
  };
  try {
    await temporal.schedule.create(options);
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await handle.update((previous) => ({
      ...previous,
      spec: options.spec,
      policies: { ...previous.policies, ...options.policies },
      action: { ...previous.action, ...options.action },
    }));
    return 'updated';
  }
}
