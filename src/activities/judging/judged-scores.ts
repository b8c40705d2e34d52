import type { JudgedAnswers } from '../../contracts/evaluation.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import type { Answer } from '../../domain/evaluation/answer.js';
import { labelledArms, labelledTexts } from '../../domain/evaluation/judge/labelled-text.js';
import { labelsOf } from '../../domain/evaluation/judge-calibration.js';
import { standingOf, type RecentAgreement } from '../../domain/evaluation/judge-standing.js';
import type { ArmScores } from '../../domain/evaluation/judge-answers.js';
import type { ScoreRow } from '../../domain/evaluation/score-answers.js';
import type { JudgedMetric } from '../../domain/release/judged-metric.js';
import type { JudgeSpec } from '../../domain/spec/evaluation-spec.js';
import type { Ports } from '../ports.js';
import { loadJson, loadJsonLines } from '../stored-json.js';
import { loadCalibration, type StoredCalibration } from './calibration-file.js';
import { answerDigestOf, labelsOfArm, loadLabels, type StoredLabel } from './label-file.js';
import { judgedRowSchema, judgementDigestOf, judgingSchema, type JudgedRow } from './judged-file.js';

/** What a judge's scores add to an evaluation, and what may be made of each metric. */
export interface JudgedScores {
  challenger: ScoreRow[];
  champion: ScoreRow[];
  metrics: JudgedMetric[];
  /** Digest of who judged by what. */
  judgement: string;
}

const arms = ['challenger', 'champion'] as const;

interface Answered {
  challenger: readonly Answer[];
  champion: readonly Answer[] | null;
}

/**
 * Reads what `judgeAnswers` left, with the judge's calibration and people's labels of these very answers where the store
 * has them. A judge that was never calibrated, or no longer is, gates where the spec allows it.
 */
export async function loadJudgedScores({
  store,
  judged,
  spec: { allowUncalibrated },
  golden,
  calibration: named = null,
  answers,
  now,
}: {
  store: Ports['store'];
  judged: JudgedAnswers;
  spec: JudgeSpec;
  golden: { name: string; version: string };
  /** What the spec names. */
  calibration?: ArtifactRef | null | undefined;
  answers: Answered;
  now: string;
}): Promise<JudgedScores> {
  const rows = await loadJsonLines({ store, ref: judged.scores, schema: judgedRowSchema });
  const judging = await loadJson({ store, ref: judged.judging, schema: judgingSchema });
  const { judge, rubrics } = judging;
  const of = (wanted: string): ScoreRow[] => rows.flatMap(({ arm, ...row }) => (arm === wanted ? [row] : []));
  const metrics: JudgedMetric[] = [];
  const unchanged = unchangedIn(answers);
  for (const [metric, rubricDigest] of Object.entries(rubrics)) {
    const known = await loadCalibration({ store, judge, metric, named });
    const stored = await loadLabels({ store, golden: { name: golden.name, version: golden.version }, metric });
    const labelled = labelledTexts({ metric, ...answers });
    const labels = arms.flatMap((arm) => labelsOfArm({ labels: stored, arm, answers: labelled[arm] }));
    const recent =
      known && recentAgreement({ known, stored, labelled, rows: rows.filter((row) => row.metric === metric) });
    const calibration = known && known.calibration;
    const standing = standingOf({ metric, judge, rubricDigest, calibration, now, recent, allowUncalibrated });
    const proven = standing.standing === 'calibrated' ? known : null;
    metrics.push({
      ...standing,
      labels,
      ...(labels.length > 0 && unchanged.length > 0 && { unchanged }),
      calibration: proven && labelsOf({ rows: proven.file.rows, passAt: proven.file.passAt }),
      favours: proven ? proven.calibration.biases.filter(({ biased }) => biased).map(({ group }) => group) : [],
    });
  }
  return { challenger: of('challenger'), champion: of('champion'), metrics, judgement: judgementDigestOf(judging) };
}

/** The cases that both arms answered with the same words. */
function unchangedIn({ challenger, champion }: Answered): string[] {
  const before = new Map((champion ?? []).map(({ id, answer }) => [id, answer]));
  return challenger.flatMap(({ id, answer }) => (answer !== null && before.get(id) === answer ? [id] : []));
}

/** How far the judge agreed with labels that people gave since it was calibrated, as the calibration counts agreement. */
function recentAgreement({
  known: { file },
  stored,
  labelled,
  rows,
}: {
  known: StoredCalibration;
  stored: readonly StoredLabel[];
  labelled: ReturnType<typeof labelledTexts>;
  rows: readonly JudgedRow[];
}): RecentAgreement {
  const since = stored.filter(({ at }) => Date.parse(at) > Date.parse(file.calibratedAt));
  const scores = new Map(rows.map(({ arm, id, score }) => [`${arm} ${id}`, score]));
  const byAnswer = new Map<string, number>();
  for (const arm of labelledArms(file.metric))
    for (const { id, answer } of labelled[arm]) {
      const score = scores.get(`${arm} ${id}`) ?? null;
      if (answer !== null && score !== null) byAnswer.set(`${id} ${answerDigestOf(answer)}`, score);
    }
  const rating = (one: number): number => (file.ordered ? one : Number(one >= file.passAt));
  const both = since.flatMap(({ id, answerDigest, score }) => {
    const judge = byAnswer.get(`${id} ${answerDigest}`);
    return judge === undefined ? [] : [rating(judge) === rating(score)];
  });
  return { agreed: both.filter(Boolean).length, labels: both.length };
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
