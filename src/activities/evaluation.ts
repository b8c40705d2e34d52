import { z } from 'zod';
import type { DecideEvaluationInput, EvaluationPlan, PlanEvaluationInput } from '../contracts/evaluation.js';
import type { EvaluationResult } from '../contracts/release.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { answerSchema, type Answer } from '../domain/evaluation/answer.js';
import { type BaselineRow, reportOf, scorableMetrics, scoreArms } from '../domain/evaluation/judge-answers.js';
import { judgedMetricsOf } from '../domain/evaluation/judge/judge-plan.js';
import { scoreAnswers } from '../domain/evaluation/score-answers.js';
import { metricShape } from '../domain/evaluation/scorers.js';
import { completeScores } from '../domain/evaluation/complete-scores.js';
import { concludeEvaluation } from '../domain/evaluation/conclude-evaluation.js';
import { evidenceDigestOf } from '../domain/evaluation/evidence-digest.js';
import { canonicalJson } from '../domain/release/evidence.js';
import { newestRules } from '../domain/release/rules.js';
import type { Verdict } from '../domain/release/verdict.js';
import type { Specification } from '../domain/spec/specification.js';
import { planPower, type PowerPlan } from '../domain/statistics/power-plan.js';
import { systemClock, type Clock } from './clock.js';
import { loadTable } from './dataset-parquet.js';
import { loadGolden } from './golden.js';
import type { Evidence } from './evidence-file.js';
import { heartbeat } from './heartbeat.js';
import { loadJudgedScores, withJudged } from './judging/judged-scores.js';
import type { Ports } from './ports.js';
import { loadSpecification } from './specifications.js';
import { jsonLines, loadJsonLines } from './stored-json.js';

/** The same resamples for every decision: a seed chosen a release would be one more thing to choose well. */
const decisionSeed = 1;

const armNames = ['challenger', 'champion', 'baseline'] as const;

/** The columns of a dataset's table that the baseline learns from. */
const rowSchema = z.object({ customer_query: z.string(), category: z.string().nullish(), agent_response: z.string() });

/** What the golden set can show before the challenger costs anything, and the decision on the answers. */
export function createEvaluationActivities({
  store,
  audit,
  clock = systemClock,
}: Pick<Ports, 'store' | 'audit'> & { clock?: Clock }) {
  const answersOf = async (ref: ArtifactRef | null): Promise<Answer[] | null> =>
    ref && (await loadJsonLines({ store, ref, schema: answerSchema }));

  async function baselineRowsOf(table: ArtifactRef): Promise<BaselineRow[]> {
    const rows = await loadTable({ store, ref: table, schema: rowSchema });
    return rows.flatMap(({ customer_query: query, category, agent_response: answer }) =>
      category ? [{ query, category, answer }] : [],
    );
  }

  /** How many releases have been judged by this golden-set version, this one included; looking again does not count. */
  async function countAttempt({
    releaseId,
    golden,
  }: {
    releaseId: string;
    golden: Specification['golden'];
  }): Promise<number> {
    const prefix = storeKeys.attempts(golden);
    await store.putIfAbsent({ key: `${prefix}${releaseId}.json`, body: Buffer.from(canonicalJson({ releaseId })) });
    let attempts = 0;
    for await (const { key } of store.list({ prefix })) attempts += Number(key.startsWith(prefix));
    return attempts;
  }

  const verdictOf = ({ plan, metric }: { plan: PowerPlan; metric: string }): Verdict => ({
    gate: `power plan ${metric}`,
    verdict: 'inconclusive',
    reason: plan.reason,
    value: plan.smallestEffect,
    bound: null,
    limit: null,
    n: plan.cases,
    evidence: null,
  });

  /** A comparison that can't be won is not begun. */
  async function refuse({
    input,
    plan,
    verdict,
  }: {
    input: PlanEvaluationInput;
    plan: PowerPlan;
    verdict: Verdict;
  }): Promise<EvaluationResult> {
    const body = Buffer.from(
      canonicalJson({ version: 1, releaseId: input.releaseId, refused: verdict, plan, rules: newestRules }),
    );
    const evidence = await store.put({
      key: storeKeys.release({ releaseId: input.releaseId, file: 'evaluation/power-plan.json' }),
      body,
    });
    return { verdict: 'inconclusive', verdicts: [verdict], evidence: null, evidenceDigest: evidence.sha256 };
  }

  return {
    async planEvaluation(input: PlanEvaluationInput): Promise<EvaluationPlan> {
      const specification = await loadSpecification({ store, ref: input.specification });
      const cases = await loadGolden({ store, golden: specification.golden });
      const attempt = await countAttempt({ releaseId: input.releaseId, golden: specification.golden });
      const answers = await answersOf(input.championAnswers);
      const warnings: Verdict[] = [];
      const { evaluation: spec } = specification.spec;
      const judged = spec.judge !== null && judgedMetricsOf(spec).length > 0;
      if (!answers) return { attempt, refusal: null, warnings, judged };
      for (const { metric, kind, minimumEffect } of spec.primary) {
        if (!scorableMetrics(spec).includes(metric)) continue;
        const { better, range } = metricShape(metric);
        const claim =
          spec.decision === 'superior'
            ? ({ decision: 'superior', kind, size: minimumEffect, better } as const)
            : ({ decision: 'nonInferior', kind: 'relative', size: spec.nonInferiorityMargin, better } as const);
        const champion = scoreAnswers({ cases, answers, metrics: [metric] }).rows;
        const highest = better === 'higher' ? (range?.high ?? null) : (range?.low ?? null);
        const plan = planPower({ champion, claim, alpha: spec.alpha, highest, rules: newestRules });
        const verdict = verdictOf({ plan, metric });
        if (plan.verdict === 'hopeless') return { attempt, refusal: await refuse({ input, plan, verdict }), warnings };
        if (plan.verdict === 'underpowered') warnings.push(verdict);
      }
      return { attempt, refusal: null, warnings, judged };
    },

    async decideEvaluation(input: DecideEvaluationInput): Promise<EvaluationResult> {
      const { releaseId, model, dataset, attempt } = input;
      const specification = await loadSpecification({ store, ref: input.specification });
      const { evaluation: spec } = specification.spec;
      const cases = await loadGolden({ store, golden: specification.golden });
      const [challenger, champion] = await Promise.all([
        answersOf(input.challengerAnswers),
        answersOf(input.championAnswers),
      ]);
      const baselineRows = spec.baseline ? await baselineRowsOf(dataset.table) : null;
      heartbeat({ cases: cases.length });
      const judged =
        input.judged && spec.judge
          ? await loadJudgedScores({ store, judged: input.judged, spec: spec.judge, now: clock.now() })
          : null;
      const measured = scoreArms({ spec, cases, challenger: challenger!, champion, baselineRows });
      const scores = completeScores({ cases, scores: withJudged({ scores: measured, judged }) });
      const stored = armNames.flatMap((arm) => (scores[arm] ?? []).map((row) => ({ arm, ...row })));
      const scoresRef = await store.put({
        key: storeKeys.release({ releaseId, file: 'evaluation/scores.jsonl' }),
        body: jsonLines(stored),
      });
      const answers = { challenger: challenger!, champion };
      const concluded = concludeEvaluation({
        ...{ spec, cases, scores, answers, seed: decisionSeed, rules: newestRules, evidence: scoresRef },
        ...(judged && { judged: judged.metrics }),
      });
      const evidence: Evidence = {
        version: 1,
        releaseId,
        champion: input.champion,
        verdict: concluded.verdict,
        verdicts: concluded.verdicts,
        flags: concluded.flags,
        inputs: {
          dataset: dataset.digest,
          golden: specification.golden.ref.sha256,
          prompt: specification.promptDigest,
          specification: input.specification.sha256,
          challengerAnswers: input.challengerAnswers.sha256,
          championAnswers: input.championAnswers?.sha256 ?? null,
          scores: scoresRef.sha256,
          ...(input.judged && { judging: input.judged.judging.sha256 }),
        },
        ...(judged && { judged: judged.metrics.map(({ metric, standing, reason }) => ({ metric, standing, reason })) }),
        seed: decisionSeed,
        rules: newestRules,
        attempt,
        report: reportOf({ spec, cases, scores, answers, seed: decisionSeed }),
      };
      const evidenceRef = await store.put({
        key: storeKeys.release({ releaseId, file: 'evaluation/evidence.json' }),
        body: Buffer.from(canonicalJson(evidence)),
      });
      const evidenceDigest = evidenceDigestOf(evidence);
      await audit.append({
        model,
        entry: {
          key: `evaluation/${releaseId}`,
          kind: 'decision',
          actor: `evaluation:${releaseId}`,
          releaseId,
          reason: `evaluation: ${concluded.verdict}`,
          evidenceDigest,
          details: { verdict: concluded.verdict, attempt, scores: scoresRef.sha256, evidence: evidenceRef.sha256 },
        },
      });
      const { verdict, verdicts, halts } = concluded;
      return { verdict, verdicts, evidence: evidenceRef, evidenceDigest, halts };
    },
  };
}
