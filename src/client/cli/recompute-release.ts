import { recomputeCanary } from '../../activities/recompute/recompute-canary.js';
import { recomputePowerPlan } from '../../activities/recompute/recompute-power-plan.js';
import { recomputeShadow } from '../../activities/recompute/recompute-shadow.js';
import type { RecomputedPart } from '../../activities/recompute/recomputed-part.js';
import type { ArtifactStore } from '../../activities/ports.js';
import { storeFiles } from './evaluate/recompute.js';
import { recomputeEvaluation } from './evaluate/recompute-evaluation.js';

async function evaluationAgain({
  store,
  releaseId,
}: {
  store: ArtifactStore;
  releaseId: string;
}): Promise<RecomputedPart[]> {
  const read = storeFiles({ store, id: releaseId });
  if ((await read.named('evidence.json')) === null) {
    const refused = await recomputePowerPlan({ store, releaseId });
    return refused ? [refused] : [];
  }
  const { recomputed } = await recomputeEvaluation({ store, read });
  const { verdict, differences } = recomputed;
  return [{ part: 'evaluation', verdict, from: 'its stored scores', differences, asRecorded: [] }];
}

/**
 * Every decision of a release that rests on stored figures, made again with no network: evaluation, shadow, each look of
 * the guards, each step, the bake and a rollback by a guard, in that order. What the release did not have is left out.
 */
export async function recomputeRelease({
  store,
  releaseId,
}: {
  store: ArtifactStore;
  releaseId: string;
}): Promise<RecomputedPart[]> {
  const shadow = await recomputeShadow({ store, releaseId });
  return [
    ...(await evaluationAgain({ store, releaseId })),
    ...(shadow ? [shadow] : []),
    ...(await recomputeCanary({ store, releaseId })),
  ];
}
