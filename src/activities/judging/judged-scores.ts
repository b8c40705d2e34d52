import type { JudgedAnswers } from '../../contracts/evaluation.js';
import { standingOf } from '../../domain/evaluation/judge-standing.js';
import type { ArmScores } from '../../domain/evaluation/judge-answers.js';
import type { ScoreRow } from '../../domain/evaluation/score-answers.js';
import type { JudgedMetric } from '../../domain/release/judged-metric.js';
import type { JudgeSpec } from '../../domain/spec/evaluation-spec.js';
import type { Ports } from '../ports.js';
import { loadJson, loadJsonLines } from '../stored-json.js';
import { judgedRowSchema, judgingSchema } from './judged-file.js';

/** What a judge's scores add to an evaluation, and what may be made of each metric. */
export interface JudgedScores {
  challenger: ScoreRow[];
  champion: ScoreRow[];
  metrics: JudgedMetric[];
}

/** Reads what `judgeAnswers` left. No calibration is known in this version: a metric gates where the spec allows it. */
export async function loadJudgedScores({
  store,
  judged,
  spec,
  now,
}: {
  store: Ports['store'];
  judged: JudgedAnswers;
  spec: JudgeSpec;
  now: string;
}): Promise<JudgedScores> {
  const rows = await loadJsonLines({ store, ref: judged.scores, schema: judgedRowSchema });
  const judging = await loadJson({ store, ref: judged.judging, schema: judgingSchema });
  const of = (wanted: string): ScoreRow[] => rows.flatMap(({ arm, ...row }) => (arm === wanted ? [row] : []));
  const { allowUncalibrated } = spec;
  return {
    challenger: of('challenger'),
    champion: of('champion'),
    metrics: Object.entries(judging.rubrics).map(([metric, rubricDigest]) => ({
      ...standingOf({ metric, judge: judging.judge, rubricDigest, calibration: null, now, allowUncalibrated }),
      labels: [],
      calibration: null,
    })),
  };
}

/** The measured scores with the judged ones behind them. */
export const withJudged = ({ scores, judged }: { scores: ArmScores; judged: JudgedScores | null }): ArmScores =>
  judged === null
    ? scores
    : {
        ...scores,
        challenger: [...scores.challenger, ...judged.challenger],
        champion: scores.champion && [...scores.champion, ...judged.champion],
      };
