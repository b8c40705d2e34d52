import { storeKeys } from '../../contracts/store-keys.js';
import { differencesOf, type Difference } from '../../domain/evaluation/recompute.js';
import { sha256Hex } from '../../domain/release/evidence.js';
import { planPower } from '../../domain/statistics/power-plan.js';
import { scoredCaseSchema } from '../../domain/statistics/paired-cases.js';
import { planVerdict } from '../evaluation-planning.js';
import type { ArtifactStore } from '../ports.js';
import { readRecord } from '../read-record.js';
import { refusedPlanSchema } from '../power-plan-file.js';
import { loadJsonLines, parsed } from '../stored-json.js';
import type { RecomputedPart } from './recomputed-part.js';

/**
 * A stored refusal to begin an evaluation again from the champion's scores, and the digest of its file, which is its
 * evidence. Null where the evaluation was begun.
 * @throws PortError as `loadVerified` where the scores are missing or other than recorded.
 */
export async function recomputePowerPlan({
  store,
  releaseId,
}: {
  store: ArtifactStore;
  releaseId: string;
}): Promise<(RecomputedPart & { evidenceDigest: string }) | null> {
  const key = storeKeys.release({ releaseId, file: 'evaluation/power-plan.json' });
  const body = (await store.get({ key }))?.body;
  if (body === undefined) return null;
  const { refused, rules, from } = parsed({ name: key, body, schema: refusedPlanSchema });
  const evidenceDigest = sha256Hex(body);
  const part = { part: 'power plan', verdict: refused.verdict, evidenceDigest };
  const signed = (await readRecord({ store, releaseId }))?.evidenceDigest ?? evidenceDigest;
  const unsigned: Difference[] =
    signed === evidenceDigest
      ? []
      : [{ what: 'evidence digest in record.json', recorded: signed, recomputed: evidenceDigest }];
  if (from === undefined)
    return { ...part, from: 'nothing: its scores were not stored', differences: unsigned, asRecorded: [refused.gate] };
  const { scores, ...asked } = from;
  const champion = await loadJsonLines({ store, ref: scores, schema: scoredCaseSchema });
  const plan = planPower({ champion, rules, ...asked });
  const differences = differencesOf({
    recorded: [refused],
    recomputed: plan.verdict === 'hopeless' ? [planVerdict({ plan, gate: refused.gate })] : [],
  });
  return {
    ...part,
    from: `${champion.length} scores of the champion`,
    differences: [...unsigned, ...differences],
    asRecorded: [],
  };
}
