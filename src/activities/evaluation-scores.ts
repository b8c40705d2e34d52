import { z } from 'zod';
import type { DecideEvaluationInput, ProbedAnswers } from '../contracts/evaluation.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { GoldenCase } from '../domain/dataset/golden.js';
import { answerSchema, type Answer } from '../domain/evaluation/answer.js';
import { probeSchema } from '../domain/evaluation/behaviour/probe.js';
import { completeScores } from '../domain/evaluation/complete-scores.js';
import {
  comparedMetricsOf,
  metricsOf,
  scorableMetrics,
  scoreArms,
  type ArmScores,
  type BaselineRow,
} from '../domain/evaluation/judge-answers.js';
import { needsOf } from '../domain/evaluation/needs.js';
import { observeAnswers, type AnsweredProbes } from '../domain/evaluation/observe-answers.js';
import { needsEmbedder, whatIsLeftOut, type LeftOut } from '../domain/evaluation/presets.js';
import type { ScoreRow } from '../domain/evaluation/score-answers.js';
import type { PlannedLook } from '../domain/release/early-stop.js';
import type { Specification } from '../domain/spec/specification.js';
import { loadTable } from './dataset-parquet.js';
import { armsWithCosines, observeCosines, type CosineRow } from './evaluation-cosines.js';
import type { OpenEmbedder } from './embedder-port.js';
import { casesOfPart, loadLookPlan } from './evaluation-looks.js';
import { loadGolden } from './golden.js';
import { heartbeat } from './heartbeat.js';
import { loadJudgedScores, withJudged, type JudgedScores } from './judging/judged-scores.js';
import type { Ports } from './ports.js';
import { loadSpecification } from './specifications.js';
import { loadJsonLines } from './stored-json.js';

/** The columns of a dataset's table that the baseline learns from. */
const rowSchema = z.object({ customer_query: z.string(), category: z.string().nullish(), agent_response: z.string() });

/** Everything that a decision about an evaluation is made from. */
export interface ScoredEvaluation {
  specification: Specification;
  cases: GoldenCase[];
  answers: { challenger: Answer[]; champion: Answer[] | null };
  scores: ArmScores;
  judged: JudgedScores | null;
  /** What the embedder of this id said; null where nothing decides by it. */
  cosines: { embedder: string; rows: CosineRow[] } | null;
  leftOut: LeftOut[];
  /** Null where all cases were asked at once. */
  look: { plan: PlannedLook[]; index: number } | null;
}

/** Loads what was answered and judged, and scores it. */
export async function scoreEvaluation({
  store,
  openEmbedder,
  now,
  input,
}: {
  store: Ports['store'];
  openEmbedder: OpenEmbedder | null;
  now: string;
  input: DecideEvaluationInput;
}): Promise<ScoredEvaluation> {
  const { part, probed } = input;
  const specification = await loadSpecification({ store, ref: input.specification });
  const { evaluation: spec } = specification.spec;
  const all = await loadGolden({ store, golden: specification.golden });
  const cases = await casesOfPart({ store, cases: all, part, idOf: ({ id }) => id });
  const plain = await loadAnswers({ store, input, spec: specification.spec });
  const embedder = openEmbedder && metricsOf(specification.spec).some(needsEmbedder) ? await openEmbedder() : null;
  const cosines = embedder && {
    embedder: embedder.id,
    rows: await observeCosines({ store, embedder, cases, answers: plain }),
  };
  const answers = cosines === null ? plain : armsWithCosines({ answers: plain, rows: cosines.rows });
  const baselineRows = spec.baseline ? await baselineRowsOf({ store, table: input.dataset.table }) : null;
  heartbeat({ cases: cases.length });
  const judged =
    input.judged && spec.judge
      ? await loadJudgedScores({
          ...{ store, answers, now },
          judged: input.judged,
          spec: spec.judge,
          golden: specification.golden,
          calibration: specification.judgeCalibration,
        })
      : null;
  const leftOut = whatIsLeftOut({
    ...spec,
    probed: probed !== undefined,
    embedded: openEmbedder !== null,
    retrieves: specification.spec.retrieval !== null,
    retrieved: answers.challenger.some(({ documents }) => documents !== undefined),
  });
  const measured = scoreArms({ spec: specification.spec, cases, ...answers, baselineRows });
  const compared = comparedMetricsOf(spec);
  const undecided = leftOut.map(({ metric }) => metric).filter((metric) => !compared.includes(metric));
  const scores = without({ scores: withJudged({ scores: measured, judged }), metrics: undecided });
  const plan = part && (await loadLookPlan({ store, ref: part.looks }));
  return {
    ...{ specification, cases, answers, judged, cosines, leftOut },
    scores: completeScores({ cases, scores }),
    look: plan && part ? { plan: plan.looks, index: part.index } : null,
  };
}

async function loadAnswers({
  store,
  input: { challengerAnswers, championAnswers, probed },
  spec,
}: {
  store: Ports['store'];
  input: DecideEvaluationInput;
  spec: Specification['spec'];
}): Promise<ScoredEvaluation['answers']> {
  const answersOf = (ref: ArtifactRef): Promise<Answer[]> => loadJsonLines({ store, ref, schema: answerSchema });
  const probesOf = async (given: ProbedAnswers | null | undefined): Promise<AnsweredProbes | null> =>
    given
      ? {
          probes: await loadJsonLines({ store, ref: given.probes, schema: probeSchema }),
          answers: await answersOf(given.answers),
        }
      : null;
  const price = spec.evaluation.answerPrice;
  const given = championAnswers && (await answersOf(championAnswers));
  const champion = given && observeAnswers({ answers: given, price, probed: await probesOf(probed?.champion) });
  const challenger = observeAnswers({
    ...{ answers: await answersOf(challengerAnswers), price, probed: await probesOf(probed?.challenger) },
    champion: given,
  });
  if (!needsOf({ metrics: scorableMetrics(spec) }).needs.includes('answerLanguage')) return { challenger, champion };
  // The detector's tables take 190 MB, which only those pay who need it.
  const { withLanguages } = await import('../domain/evaluation/observe-language.js');
  return { challenger: withLanguages(challenger), champion: champion && withLanguages(champion) };
}

async function baselineRowsOf({ store, table }: { store: Ports['store']; table: ArtifactRef }): Promise<BaselineRow[]> {
  const rows = await loadTable({ store, ref: table, schema: rowSchema });
  return rows.flatMap(({ customer_query: query, category, agent_response: answer }) =>
    category ? [{ query, category, answer }] : [],
  );
}

/** What nothing is decided on is not stored: rows without a score would look like something that went wrong. */
function without({ scores, metrics }: { scores: ArmScores; metrics: readonly string[] }): ArmScores {
  const kept = (rows: readonly ScoreRow[]): ScoreRow[] => rows.filter(({ metric }) => !metrics.includes(metric));
  return {
    challenger: kept(scores.challenger),
    champion: scores.champion && kept(scores.champion),
    baseline: scores.baseline && kept(scores.baseline),
  };
}
