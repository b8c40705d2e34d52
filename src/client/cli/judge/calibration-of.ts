import type { CalibrationFile } from '../../../activities/judging/calibration-file.js';
import type { JudgedRow } from '../../../activities/judging/judged-file.js';
import { answerDigestOf, labelsOfArm, loadLabels } from '../../../activities/judging/label-file.js';
import type { ArtifactStore } from '../../../activities/ports.js';
import { calibrationRows, type ScoredTwice } from '../../../domain/evaluation/judge/calibration-rows.js';
import { judgedMetrics } from '../../../domain/evaluation/judge/judged-metrics.js';
import { labelledArms, labelledTexts } from '../../../domain/evaluation/judge/labelled-text.js';
import type { Rubric } from '../../../domain/evaluation/judge/rubric.js';
import { observableGatesOf } from '../../../domain/evaluation/presets.js';
import { CannotRun } from '../command-context.js';
import { loadJudged, type JudgedEvaluation } from './judged-answers.js';

/** Every calibration resamples alike: a seed chosen each time would be one more thing to choose well. */
const calibrationSeed = 1;

/**
 * Labels and the judge's scores of the same answers, from one or several evaluations by the same judge and rubric.
 * @throws CannotRun where the judges differ, or no answer was labelled.
 */
export async function calibrationFileOf({
  store,
  ids,
  rubric: { metric, kind, digest },
  passAt: given,
  calibratedAt,
  expires,
}: {
  store: ArtifactStore;
  ids: readonly string[];
  rubric: Rubric;
  passAt: number | null;
} & Pick<CalibrationFile, 'calibratedAt' | 'expires'>): Promise<CalibrationFile> {
  const evaluations: JudgedEvaluation[] = [];
  for (const id of ids) evaluations.push(await loadJudged({ store, id }));
  const judges = new Set(evaluations.map((one) => one.judging.judge));
  if (judges.size > 1) throw new CannotRun(`expected one judge, found ${[...judges].join('; ')}`);
  for (const { id, judging } of evaluations)
    if (judging.rubrics[metric] !== digest)
      throw new CannotRun(
        judging.rubrics[metric] === undefined
          ? `${id}: ${metric} was not judged; it was for ${Object.keys(judging.rubrics).join(', ')}`
          : `${id}: the rubric of ${metric} has changed since; evaluate again`,
      );
  const ordered = kind === 'rating';
  const passAt = given ?? limitOf({ metric, ...evaluations[0]! });
  const scored = new Map<string, ScoredTwice>();
  for (const evaluation of evaluations)
    for (const one of await scoredTwice({ store, metric, evaluation })) scored.set(one.id, one);
  if (scored.size === 0)
    throw new CannotRun(`no answer of ${ids.join(', ')} has a label of ${metric}; run "understudy judge label" first`);
  return {
    ...{ version: 1, judge: [...judges][0]!, metric, rubricDigest: digest, calibratedAt, expires },
    ...{ ordered, passAt, seed: calibrationSeed },
    rows: calibrationRows({ scored: [...scored.values()] }),
  };
}

/** The limit that the spec gates the metric on; the middle of its scale where it names none. */
function limitOf({
  metric,
  specification: { spec },
}: Pick<JudgedEvaluation, 'specification'> & { metric: keyof typeof judgedMetrics }): number {
  const gate = observableGatesOf(spec).find((one) => one.metric === metric);
  const { low, high } = judgedMetrics[metric].range;
  return gate?.min ?? gate?.max ?? (low + high) / 2;
}

/** The labelled answers of both arms with the judge's scores. */
async function scoredTwice({
  store,
  metric,
  evaluation: { specification, cases, arms: answers, rows },
}: {
  store: ArtifactStore;
  metric: string;
  evaluation: JudgedEvaluation;
}): Promise<ScoredTwice[]> {
  const labels = await loadLabels({ store, golden: specification.golden, metric });
  const clusters = new Map(cases.map(({ id, cluster }) => [id, cluster]));
  const labelled = labelledTexts({ metric, ...answers });
  return labelledArms(metric).flatMap((arm) => {
    const own = labelled[arm];
    const texts = new Map(own.map((one) => [one.id, one.answer ?? '']));
    const judged = new Map(
      rows.flatMap((row) => (row.arm === arm && row.metric === metric ? [[row.id, row] as const] : [])),
    );
    return labelsOfArm({ labels, arm, answers: own }).map(({ id, score }) => {
      const answer = texts.get(id) ?? '';
      const row = judged.get(id);
      return {
        ...{ id: `${id} ${answerDigestOf(answer)}`, cluster: clusters.get(id) ?? id, answer },
        ...{ human: score, judge: row?.score ?? null, places: placesOf(row) },
      };
    });
  });
}

/** What the judge of a pair said either way round; null where it was no pair. */
function placesOf(row: JudgedRow | undefined): ScoredTwice['places'] {
  const { shownFirst: first, shownSecond: second } = row?.details ?? {};
  return typeof first === 'number' && typeof second === 'number' ? { first, second } : null;
}
