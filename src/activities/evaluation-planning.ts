import type { EvaluationPlan, PlanEvaluationInput } from '../contracts/evaluation.js';
import type { EvaluationResult } from '../contracts/release.js';
import { storeKeys } from '../contracts/store-keys.js';
import { answerSchema, type Answer } from '../domain/evaluation/answer.js';
import { scorableMetrics } from '../domain/evaluation/judge-answers.js';
import { judgedMetricsOf } from '../domain/evaluation/judge/judge-plan.js';
import { needsOf } from '../domain/evaluation/needs.js';
import { needsEmbedder } from '../domain/evaluation/presets.js';
import { scoreAnswers } from '../domain/evaluation/score-answers.js';
import { metricShape } from '../domain/evaluation/scorers.js';
import { canonicalJson } from '../domain/release/evidence.js';
import { newestRules } from '../domain/release/rules.js';
import type { Verdict } from '../domain/release/verdict.js';
import type { PrimarySpec } from '../domain/spec/evaluation-spec.js';
import type { Specification } from '../domain/spec/specification.js';
import type { Claim } from '../domain/statistics/contrast.js';
import type { ScoredCase } from '../domain/statistics/paired-cases.js';
import { planPower, type PowerPlan } from '../domain/statistics/power-plan.js';
import { armsWithCosines, observeCosines } from './evaluation-cosines.js';
import { casesOfPart, loadLookPlan } from './evaluation-looks.js';
import { loadGolden } from './golden.js';
import type { Ports } from './ports.js';
import type { RefusedPlan } from './power-plan-file.js';
import { loadSpecification } from './specifications.js';
import { jsonLines, loadJsonLines } from './stored-json.js';

/** The plan of one metric, and what it was made from. */
interface Made {
  metric: string;
  plan: PowerPlan;
  from: { champion: readonly ScoredCase[]; claim: Claim; alpha: number; highest: number | null };
}

/** What the golden set can show before the challenger costs anything. */
export function createPlanningActivities({ store, openEmbedder = null }: Pick<Ports, 'store' | 'openEmbedder'>) {
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

  /** A comparison that can't be won is not begun. */
  async function refuse({
    input,
    made: { plan, from },
    verdict,
  }: {
    input: PlanEvaluationInput;
    made: Made;
    verdict: Verdict;
  }): Promise<EvaluationResult> {
    const { champion, ...asked } = from;
    const scores = await store.put({
      key: storeKeys.release({ releaseId: input.releaseId, file: 'evaluation/power-plan-scores.jsonl' }),
      body: jsonLines(champion),
    });
    const refused: RefusedPlan = {
      ...{ version: 1, releaseId: input.releaseId, refused: verdict, plan: { ...plan }, rules: newestRules },
      from: { scores, ...asked },
    };
    const evidence = await store.put({
      key: storeKeys.release({ releaseId: input.releaseId, file: 'evaluation/power-plan.json' }),
      body: Buffer.from(canonicalJson(refused)),
    });
    return { verdict: 'inconclusive', verdicts: [verdict], evidence: null, evidenceDigest: evidence.sha256 };
  }

  /** The plan of each primary metric that the champion's answers alone say something of. */
  async function plansOf({
    input: { part },
    specification: { spec, golden },
    answers: given,
  }: {
    input: PlanEvaluationInput;
    specification: Specification;
    answers: readonly Answer[];
  }): Promise<Made[]> {
    const { evaluation } = spec;
    const all = await loadGolden({ store, golden });
    const cases = await casesOfPart({ store, cases: all, part, idOf: ({ id }) => id });
    const plan = part && (await loadLookPlan({ store, ref: part.looks }));
    const whole = plan && { cases: all.length, clusters: new Set(all.map(({ cluster }) => cluster)).size };
    const alpha = plan?.looks.at(-1)?.alpha ?? evaluation.alpha;
    const known = scorableMetrics(spec);
    const planned = evaluation.primary.filter(
      ({ metric }) =>
        known.includes(metric) &&
        needsOf({ metrics: [metric] }).probeKinds.length === 0 &&
        (openEmbedder !== null || !needsEmbedder(metric)),
    );
    const embedder = openEmbedder && planned.some(({ metric }) => needsEmbedder(metric)) ? await openEmbedder() : null;
    const arms = { challenger: [], champion: given };
    const answers =
      embedder === null
        ? given
        : armsWithCosines({ answers: arms, rows: await observeCosines({ store, embedder, cases, answers: arms }) })
            .champion!;
    return planned.map((primary) => {
      const { metric } = primary;
      const champion = scoreAnswers({ cases, answers, metrics: [metric] }).rows;
      const { better, range } = metricShape(metric);
      const highest = better === 'higher' ? (range?.high ?? null) : (range?.low ?? null);
      const from = { champion, claim: claimOf({ primary, evaluation }), alpha, highest };
      return { metric, from, plan: planPower({ ...from, rules: newestRules, ...(whole && { whole }) }) };
    });
  }

  return {
    async planEvaluation(input: PlanEvaluationInput): Promise<EvaluationPlan> {
      const specification = await loadSpecification({ store, ref: input.specification });
      const attempt = await countAttempt({ releaseId: input.releaseId, golden: specification.golden });
      const { spec } = specification;
      const judged = spec.evaluation.judge !== null && judgedMetricsOf(spec).length > 0;
      const warnings: Verdict[] = [];
      if (input.championAnswers === null) return { attempt, refusal: null, warnings, judged };
      const answers = await loadJsonLines({ store, ref: input.championAnswers, schema: answerSchema });
      for (const made of await plansOf({ input, specification, answers })) {
        const { plan } = made;
        const verdict = planVerdict({ plan, gate: `power plan ${made.metric}` });
        // A part only suggests what the whole set shows; the looks end what is in vain.
        if (plan.verdict === 'hopeless' && !input.part)
          return { attempt, refusal: await refuse({ input, made, verdict }), warnings };
        if (plan.verdict !== 'adequate') warnings.push(verdict);
      }
      return { attempt, refusal: null, warnings, judged };
    },
  };
}

function claimOf({
  primary: { metric, kind, minimumEffect },
  evaluation: { decision, nonInferiorityMargin },
}: {
  primary: PrimarySpec;
  evaluation: Specification['spec']['evaluation'];
}): Claim {
  const { better } = metricShape(metric);
  return decision === 'superior'
    ? { decision, kind, size: minimumEffect, better }
    : { decision, kind: 'relative', size: nonInferiorityMargin, better };
}

/** What a plan that is not adequate says, as a verdict. */
export const planVerdict = ({ plan, gate }: { plan: PowerPlan; gate: string }): Verdict => ({
  gate,
  verdict: 'inconclusive',
  reason: plan.reason,
  value: plan.smallestEffect,
  bound: null,
  limit: null,
  n: plan.cases,
  evidence: null,
});
