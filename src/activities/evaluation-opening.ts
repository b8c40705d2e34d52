import type { EvaluationOpening, OpenEvaluationInput } from '../contracts/evaluation.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { GoldenCase } from '../domain/dataset/golden.js';
import { generateProbes } from '../domain/evaluation/behaviour/generate-probes.js';
import { comparedMetricsOf, metricsOf } from '../domain/evaluation/judge-answers.js';
import { needsOf } from '../domain/evaluation/needs.js';
import { planLooks } from '../domain/release/early-stop.js';
import { canonicalJson } from '../domain/release/evidence.js';
import { decisionSeed } from './evaluation-seed.js';
import type { LookPlan } from './evaluation-looks.js';
import { loadGolden } from './golden.js';
import type { Ports } from './ports.js';
import { loadSpecification } from './specifications.js';
import { jsonLines } from './stored-json.js';

/** What is fixed before the first answer: in which parts the cases are asked, and which probes beside them. */
export function createOpeningActivities({ store }: Pick<Ports, 'store'>) {
  async function putProbes({
    releaseId,
    arm,
    cases,
    metrics,
  }: {
    releaseId: string;
    arm: 'challenger' | 'champion';
    cases: readonly GoldenCase[];
    metrics: readonly string[];
  }): Promise<ArtifactRef | null> {
    const { probeKinds } = needsOf({ metrics });
    if (probeKinds.length === 0) return null;
    const probes = generateProbes({ cases, kinds: probeKinds, seed: decisionSeed });
    const key = storeKeys.release({ releaseId, file: `evaluation/probes-${arm}.jsonl` });
    return await store.put({ key, body: jsonLines(probes) });
  }

  return {
    async openEvaluation({ releaseId, specification: ref, champion }: OpenEvaluationInput): Promise<EvaluationOpening> {
      const { spec, golden } = await loadSpecification({ store, ref });
      const { evaluation } = spec;
      const cases = await loadGolden({ store, golden });
      const compared = champion === null ? [] : comparedMetricsOf(evaluation);
      const probes = {
        challenger: await putProbes({ releaseId, arm: 'challenger', cases, metrics: metricsOf(spec) }),
        champion: await putProbes({ releaseId, arm: 'champion', cases, metrics: compared }),
      };
      const { alpha } = evaluation;
      const looks = planLooks({ cases, looks: evaluation.looks, alpha, seed: decisionSeed });
      if (looks.length === 1) return { looks: null, probes };
      const plan: LookPlan = { version: 1, releaseId, seed: decisionSeed, alpha, looks };
      const key = storeKeys.release({ releaseId, file: 'evaluation/looks.json' });
      const stored = await store.put({ key, body: Buffer.from(canonicalJson(plan)) });
      return { looks: { plan: stored, count: looks.length }, probes };
    },
  };
}
