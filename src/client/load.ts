import type { Client } from '@temporalio/client';
import type { ArtifactStore } from '../activities/ports.js';
import { StoreRouter } from '../adapters/store-router/store-router.js';
import { lifecycleMessages } from '../contracts/lifecycle.js';
import type { LoadInput, LoadResult } from '../contracts/load.js';
import { fairnessOf, queueName, searchAttributes, workflowIds } from '../contracts/names.js';
import { shownSummary } from '../contracts/shown-text.js';
import { refKey } from '../domain/artifact-ref.js';
import { loadRefusal } from '../domain/load/load-bounds.js';
import type { Target } from '../domain/rollout/traffic-plan.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { specificationSchema } from '../domain/spec/specification.js';

export interface LoadRequest {
  model: string;
  /** The champion's or the challenger's release; null is the champion. */
  releaseId: string | null;
  /** Requests a second; null is the spec's expected peak times its factor. */
  perSecond: number | null;
  /** Null is what the spec says, one minute without. */
  milliseconds: number | null;
}

const minute = 60_000;

/**
 * Starts the load test of a release that is served now.
 * @throws RangeError naming what is missing (a plan, the release in it, or a rate), or what is more than a worker can ask.
 */
export async function startLoadTest({
  temporal,
  store,
  queuePrefix,
  request,
}: {
  temporal: Client;
  store: ArtifactStore;
  queuePrefix: string;
  request: LoadRequest;
}): Promise<{ workflowId: string; input: LoadInput; result: () => Promise<LoadResult> }> {
  const { model } = request;
  const target = await targetOf({ store, request });
  const state = await temporal.workflow.getHandle(workflowIds.lifecycle(model)).query(lifecycleMessages.describe);
  const { champion } = state;
  const specification = champion?.releaseId === target.releaseId ? champion.specification : state.specification;
  const stored = await store.get({ key: refKey(specification) });
  const { rollout } = specificationSchema.parse(JSON.parse(Buffer.from(stored!.body).toString('utf8'))).spec;
  const { load } = rollout;
  const perSecond = request.perSecond ?? (load && load.expectedPeak * load.factor);
  if (perSecond === null)
    throw new RangeError(`${model}: its spec has no rollout.load; name a rate, such as --rate 20/s`);
  const input: LoadInput = {
    ...{ releaseId: target.releaseId, model, target, specification, perSecond },
    milliseconds: request.milliseconds ?? (load ? milliseconds(load.duration) : minute),
    minimumSuccess: load?.minimumSuccess ?? 0.99,
    latencyP95Milliseconds: milliseconds(rollout.slo.latencyP95),
    firstTokenP95Milliseconds: load?.firstTokenP95 ? milliseconds(load.firstTokenP95) : null,
    evidenceDigest: null,
  };
  const refusal = loadRefusal(input);
  if (refusal !== null) throw new RangeError(`${model}: ${refusal}`);
  const handle = await temporal.workflow.start('loadTest', {
    workflowId: workflowIds.load(target.releaseId),
    taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }),
    workflowIdConflictPolicy: 'FAIL',
    staticSummary: shownSummary(`load test of ${target.releaseId}, by itself`),
    priority: fairnessOf(model),
    typedSearchAttributes: [
      { key: searchAttributes.model, value: model },
      { key: searchAttributes.release, value: target.releaseId },
    ],
    args: [input],
  });
  return { workflowId: handle.workflowId, input, result: async () => (await handle.result()) as LoadResult };
}

async function targetOf({
  store,
  request: { model, releaseId },
}: {
  store: ArtifactStore;
  request: LoadRequest;
}): Promise<Target> {
  const plan = await new StoreRouter({ store }).read({ model });
  if (!plan) throw new RangeError(`${model} has no traffic plan: no release serves it yet`);
  const { champion, challenger } = plan;
  const served = challenger ? [champion, challenger] : [champion];
  const wanted = releaseId === null ? champion : served.find((one) => one.releaseId === releaseId);
  if (wanted) return wanted;
  const names = served.map((one) => one.releaseId).join(', ');
  throw new RangeError(`${releaseId} does not serve ${model} now; expected one of ${names}`);
}
