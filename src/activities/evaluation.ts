import type { DecideEvaluationInput, TakenLook } from '../contracts/evaluation.js';
import type { EvaluationResult } from '../contracts/release.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { concludeEvaluation } from '../domain/evaluation/conclude-evaluation.js';
import { evidenceDigestOf } from '../domain/evaluation/evidence-digest.js';
import { decideOnScores, reportOf } from '../domain/evaluation/judge-answers.js';
import { canonicalJson, digestOf } from '../domain/release/evidence.js';
import { newestRules } from '../domain/release/rules.js';
import { systemClock, type Clock } from './clock.js';
import { createOpeningActivities } from './evaluation-opening.js';
import { keepLastLook } from './evaluation-looks.js';
import { createPlanningActivities } from './evaluation-planning.js';
import { scoreEvaluation, type ScoredEvaluation } from './evaluation-scores.js';
import { decisionSeed } from './evaluation-seed.js';
import { trackEvaluation } from './evaluation-tracking.js';
import type { Evidence } from './evidence-file.js';
import { PortError, type Ports } from './ports.js';
import { jsonLines } from './stored-json.js';

const armNames = ['challenger', 'champion', 'baseline'] as const;

/**
 * What an evaluation fixes before it begins, what the golden set can show, and the decision on the answers.
 * @param ports.registry null for an evaluation outside a release, which has no run.
 */
export function createEvaluationActivities({
  store,
  audit,
  registry,
  openEmbedder = null,
  clock = systemClock,
}: Pick<Ports, 'store' | 'audit' | 'openEmbedder'> & { registry: Ports['registry'] | null; clock?: Clock }) {
  const score = (input: DecideEvaluationInput): Promise<ScoredEvaluation> =>
    scoreEvaluation({ store, openEmbedder, now: clock.now(), input });

  return {
    ...createOpeningActivities({ store }),
    ...createPlanningActivities({ store, openEmbedder }),

    /** Whether the evaluation ends at this look; the rest of the cases is asked only where it goes on. */
    async takeLook(input: DecideEvaluationInput): Promise<TakenLook> {
      const { specification, scores, judged, leftOut, look } = await score(input);
      if (look === null) throw new PortError('InvalidInput', 'part is absent: expected the look that is taken');
      const decided = decideOnScores({
        ...{ spec: specification.spec.evaluation, scores, look, seed: decisionSeed, rules: newestRules },
        leftOut: leftOut.map(({ metric }) => metric),
        ...(judged && { judged: judged.metrics }),
        evidence: null,
      });
      const { stop, reason } = decided.look!;
      return { index: look.index, stop, reason, verdict: decided.verdict };
    },

    async decideEvaluation(input: DecideEvaluationInput): Promise<EvaluationResult> {
      const { releaseId, model, attempt } = input;
      const { specification, cases, answers, scores, judged, cosines, leftOut, look } = await score(input);
      const { evaluation: spec } = specification.spec;
      const put = (file: string, body: Uint8Array): Promise<ArtifactRef> =>
        store.put({ key: storeKeys.release({ releaseId, file: `evaluation/${file}` }), body });
      const stored = armNames.flatMap((arm) => (scores[arm] ?? []).map((row) => ({ arm, ...row })));
      const rows = jsonLines(stored);
      const scoresRef = await put('scores.jsonl', rows);
      const { verdict, verdicts, flags, halts, intervals, ended } = concludeEvaluation({
        ...{ spec, cases, scores, answers, leftOut, seed: decisionSeed, rules: newestRules, evidence: scoresRef },
        ...(judged && { judged: judged.metrics }),
        ...(look && { look }),
      });
      const taken = look && ended ? [...(input.looked ?? []), { index: look.index, ...ended, verdict }] : [];
      const cosinesRef = cosines && (await put('cosines.jsonl', jsonLines(cosines.rows)));
      const files = filesOf({ input, scores: scoresRef, golden: specification.golden.ref, cosines: cosinesRef });
      if (input.part) await keepLastLook({ store, part: input.part, files: Object.values(files) });
      const { judging: _cost, ...signed } = files;
      const digests = Object.fromEntries(Object.entries(signed).map(([name, ref]) => [name, ref?.sha256 ?? null]));
      const evidence: Evidence = {
        version: 1,
        releaseId,
        champion: input.champion,
        ...{ verdict, verdicts, flags, leftOut },
        inputs: {
          ...digests,
          dataset: input.dataset.digest,
          prompt: specification.promptDigest,
          ...(cosines && { embedder: cosines.embedder }),
          ...(input.indexes && { index: input.indexes.challenger, championIndex: input.indexes.champion }),
          ...(judged && { judgedMetrics: digestOf(judged.metrics), judgement: judged.judgement }),
        },
        files,
        ...(judged && { judged: judged.metrics }),
        ...(look && {
          looks: { plan: look.plan.map(({ cases: { length }, ...one }) => ({ ...one, cases: length })), taken },
        }),
        seed: decisionSeed,
        rules: newestRules,
        attempt,
        intervals,
        report: reportOf({ spec: specification.spec, cases, scores, answers, seed: decisionSeed }),
      };
      const body = Buffer.from(canonicalJson(evidence));
      const evidenceRef = await put('evidence.json', body);
      const evidenceDigest = evidenceDigestOf(evidence);
      await audit.append({
        model,
        entry: {
          key: `evaluation/${releaseId}`,
          kind: 'decision',
          actor: `evaluation:${releaseId}`,
          releaseId,
          reason: `evaluation: ${verdict}`,
          evidenceDigest,
          details: { verdict, attempt, scores: scoresRef.sha256, evidence: evidenceRef.sha256 },
        },
      });
      if (registry)
        await trackEvaluation({
          ...{ registry, model, releaseId, verdict, specification, cases, answers, scores, now: clock.now() },
          index: input.indexes?.challenger ?? null,
          artifacts: { 'evaluation/evidence.json': body, 'evaluation/scores.jsonl': rows },
        });
      return { verdict, verdicts, evidence: evidenceRef, evidenceDigest, halts };
    },
  };
}

/** Every file that a decision rests on, by the name that its digest has among the inputs. */
function filesOf({
  input: { specification, challengerAnswers, championAnswers, judged, probed, part },
  scores,
  golden,
  cosines,
}: {
  input: DecideEvaluationInput;
  scores: ArtifactRef;
  golden: ArtifactRef;
  cosines: ArtifactRef | null;
}): Record<string, ArtifactRef | null> {
  return {
    ...{ specification, golden, challengerAnswers, championAnswers, scores },
    ...(cosines && { cosines }),
    ...(judged && { judgedScores: judged.scores, judging: judged.judging }),
    ...(probed?.challenger && {
      challengerProbes: probed.challenger.probes,
      challengerProbeAnswers: probed.challenger.answers,
    }),
    ...(probed?.champion && {
      championProbes: probed.champion.probes,
      championProbeAnswers: probed.champion.answers,
    }),
    ...(part && { looks: part.looks }),
  };
}
