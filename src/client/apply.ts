import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import type { ArtifactStore } from '../activities/ports.js';
import { loadSpecification } from '../activities/specifications.js';
import { lifecycleMessages } from '../contracts/lifecycle.js';
import { fairnessOf, queueName, searchAttributes, workflowIds } from '../contracts/names.js';
import { servingDocumentOf } from '../contracts/serving-document.js';
import { storeKeys } from '../contracts/store-keys.js';
import { shownSummary } from '../contracts/shown-text.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { canonicalJson, sha256Hex } from '../domain/release/evidence.js';
import { differencesOf, type Difference } from '../domain/spec/differences.js';
import { specificationSchema, type Specification } from '../domain/spec/specification.js';
import { freezeGolden } from './freeze-golden.js';
import {
  promotionSchedule,
  scheduleIdsOf,
  scheduleKinds,
  wantedSchedules,
  type ScheduleKind,
} from './model-schedules.js';
import { carryOutSchedule, planSchedule, type SchedulePlan } from './schedule-plan.js';
import { keepPreferences } from './preference-file.js';
import { runningState } from './running-lifecycle.js';
import { keepCalibration, type ReadSpecification } from './specification-file.js';

export interface AppliedSpecification {
  model: string;
  digest: string;
  effective: 'now' | 'after the running release';
  /** What was done to each Schedule. */
  schedules: Record<ScheduleKind, SchedulePlan['change']>;
}

/** What applying a spec would change. */
export interface ApplyPlan {
  model: string;
  /** Whether a lifecycle begins with it. */
  isNew: boolean;
  /** From the spec in force; all of it where the model is new. */
  differences: Difference[];
  schedules: Record<ScheduleKind, Pick<SchedulePlan, 'change' | 'differences' | 'pausedNote'>>;
}

interface Place {
  temporal: Client;
  store: ArtifactStore;
  queuePrefix: string;
}

/** The files of a spec in the store, and the spec beside them. Files that stand there already are left alone. */
async function keepFiles({ store, read }: { store: ArtifactStore; read: ReadSpecification }) {
  const { model } = read.specification.spec;
  const goldenRef = await freezeGolden({ store, golden: read.golden });
  const { name, version } = read.golden;
  const specification = specificationSchema.parse({
    ...read.specification,
    ...(await keepCalibration({ store, calibration: read.calibration })),
    ...(await keepPreferences({ store, preferences: read.preferences })),
    golden: { name, version, ref: goldenRef },
  });
  const body = Buffer.from(canonicalJson(specification));
  const { ref } = await store.putIfAbsent({ key: storeKeys.specification({ model, digest: sha256Hex(body) }), body });
  return { specification, ref };
}

async function planSchedules({
  temporal,
  queuePrefix,
  specification: { spec },
  ref,
}: Place & { specification: Specification; ref: ArtifactRef }): Promise<Record<ScheduleKind, SchedulePlan>> {
  const wanted = wantedSchedules({ queuePrefix, spec, specification: ref });
  const ids = scheduleIdsOf(spec.model);
  const plans = await Promise.all(
    scheduleKinds.map(
      async (kind) => [kind, await planSchedule({ temporal, scheduleId: ids[kind], wanted: wanted[kind] })] as const,
    ),
  );
  return Object.fromEntries(plans) as Record<ScheduleKind, SchedulePlan>;
}

/** The spec that a lifecycle goes by; null where none runs. */
async function specificationInForce({ temporal, store, model }: Omit<Place, 'queuePrefix'> & { model: string }) {
  const state = await runningState({ temporal, model });
  return state && (await loadSpecification({ store, ref: state.specification }));
}

/**
 * What applying a spec would change, field by field. Its files go into the store, where they change nothing: a file
 * that nothing refers to is not read.
 */
export async function planApply(place: Place & { read: ReadSpecification }): Promise<ApplyPlan> {
  const { specification, ref } = await keepFiles(place);
  const { model } = specification.spec;
  const before = await specificationInForce({ ...place, model });
  const schedules = await planSchedules({ ...place, specification, ref });
  return {
    model,
    isNew: before === null,
    differences: before ? differencesOf({ from: shownOf(before), to: shownOf(specification) }) : [],
    schedules: Object.fromEntries(
      scheduleKinds.map((kind) => {
        const { change, differences, pausedNote } = schedules[kind];
        return [kind, { change, differences, pausedNote }];
      }),
    ) as ApplyPlan['schedules'],
  };
}

const shownOf = ({ spec, prompt, golden, judgeCalibration, preferences }: Specification) => ({
  ...spec,
  promptText: prompt,
  golden: { version: golden.version, digest: golden.ref.sha256 },
  ...(judgeCalibration && { judgeCalibration: judgeCalibration.sha256 }),
  ...(preferences && { preferences: preferences.sha256 }),
});

/**
 * Makes a spec the model's own: its files into the store, the lifecycle started or told, the Schedules made, changed or
 * removed. Safe to repeat.
 */
export async function applySpecification(
  place: Place & { read: ReadSpecification; by: string },
): Promise<AppliedSpecification> {
  const { temporal, store, queuePrefix, by } = place;
  const { specification, ref } = await keepFiles(place);
  const { spec } = specification;
  const { model } = spec;

  const start = new WithStartWorkflowOperation('modelLifecycle', {
    workflowId: workflowIds.lifecycle(model),
    taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }),
    workflowIdConflictPolicy: 'USE_EXISTING',
    priority: fairnessOf(model),
    staticSummary: shownSummary(`lifecycle of ${model}`),
    typedSearchAttributes: [{ key: searchAttributes.model, value: model }],
    args: [{ model, specification: ref, state: null }],
  });
  const { digest, effective } = await temporal.workflow.executeUpdateWithStart(lifecycleMessages.applySpec, {
    startWorkflowOperation: start,
    args: [{ ref, by }],
  });
  // Otherwise the next release puts it there, so that a canary under way is judged by one SLO.
  if (effective === 'now')
    await store.put({ key: storeKeys.serving({ model }), body: Buffer.from(canonicalJson(servingDocumentOf(spec))) });
  const plans = await planSchedules({ ...place, specification, ref });
  for (const kind of scheduleKinds) await carryOutSchedule({ temporal, plan: plans[kind] });
  const promotions = promotionSchedule({ queuePrefix });
  const { scheduleId } = promotions;
  await carryOutSchedule({ temporal, plan: await planSchedule({ temporal, scheduleId, wanted: promotions }) });
  return {
    ...{ model, digest, effective },
    schedules: Object.fromEntries(
      scheduleKinds.map((kind) => [kind, plans[kind].change]),
    ) as AppliedSpecification['schedules'],
  };
}
