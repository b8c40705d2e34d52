import type { GoldenCase } from '../dataset/golden.js';
import type { SliceDifference } from '../report/report-input.js';
import type { EvaluationSpec } from '../spec/evaluation-spec.js';
import { compareSlices } from './compare-slices.js';
import type { ArmScores } from './judge-answers.js';
import { lengthSlices, lengthTag } from './length-slices.js';
import type { ScoreRow } from './score-answers.js';

/**
 * Both arms by slice, by the tags that the spec names and by `length`, which is read from the questions. Adjusted over
 * all slices and metrics together (Holm); nothing without a champion.
 */
export function reportSlices({
  spec,
  metrics,
  cases,
  scores: { challenger, champion },
  seed,
}: {
  spec: Pick<EvaluationSpec, 'slices' | 'alpha'>;
  /** Those on which the arms are compared. */
  metrics: readonly string[];
  cases: readonly GoldenCase[];
  scores: ArmScores;
  seed: number;
}): SliceDifference[] {
  if (champion === null) return [];
  const lengths = spec.slices.includes(lengthTag) ? lengthSlices({ cases }) : null;
  const tagged = (row: ScoreRow): ScoreRow => {
    const length = lengths?.get(row.id);
    return length === undefined ? row : { ...row, tags: { ...row.tags, [lengthTag]: length } };
  };
  const slices = compareSlices({
    ...{ champion: champion.map(tagged), challenger: challenger.map(tagged) },
    ...{ metrics, slices: spec.slices, alpha: spec.alpha, seed },
  });
  return slices.map(({ tag, value, ...one }) => ({ slice: `${tag}=${value}`, ...one }));
}
