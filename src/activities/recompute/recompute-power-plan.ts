import { storeKeys } from '../../contracts/store-keys.js';
import { differencesOf } from '../../domain/evaluation/recompute.js';
import { planPower } from '../../domain/statistics/power-plan.js';
import { scoredCaseSchema } from '../../domain/statistics/paired-cases.js';
import { planVerdict } from '../evaluation-planning.js';
import type { ArtifactStore } from '../ports.js';
import { refusedPlanSchema } from '../power-plan-file.js';
import { loadJsonLines, readJson } from '../stored-json.js';
import type { RecomputedPart } from './recomputed-part.js';

/**
 * A stored refusal to begin an evaluation again from the champion's scores. Null where the evaluation was begun.
 * @throws PortError as `loadVerified` where the scores are missing or other than recorded.
 */
export async function recomputePowerPlan({
  store,
  releaseId,
}: {
  store: ArtifactStore;
  releaseId: string;
}): Promise<RecomputedPart | null> {
  const key = storeKeys.release({ releaseId, file: 'evaluation/power-plan.json' });
  const stored = await readJson({ store, key, schema: refusedPlanSchema });
  if (stored === null) return null;
  const { refused, rules, from } = stored;
  const part = { part: 'power plan', verdict: refused.verdict };
  if (from === undefined)
    return { ...part, from: 'nothing: its scores were not stored', differences: [], asRecorded: [refused.gate] };
  const { scores, ...asked } = from;
  const champion = await loadJsonLines({ store, ref: scores, schema: scoredCaseSchema });
  const plan = planPower({ champion, rules, ...asked });
  const differences = differencesOf({
    recorded: [refused],
    recomputed: plan.verdict === 'hopeless' ? [planVerdict({ plan, gate: refused.gate })] : [],
  });
  return { ...part, from: `${champion.length} scores of the champion`, differences, asRecorded: [] };
}
