import type { ArtifactRef } from '../../domain/artifact-ref.js';
import { standingOf } from '../../domain/evaluation/judge-standing.js';
import { disagreementOf } from '../../domain/evaluation/judge/disagreement.js';
import { judgedMetrics } from '../../domain/evaluation/judge/judged-metrics.js';
import type { Rubric } from '../../domain/evaluation/judge/rubric.js';
import type { Disagreement } from '../../domain/evaluation/judge/tiers.js';
import type { JudgeSpec } from '../../domain/spec/evaluation-spec.js';
import type { Ports } from '../ports.js';
import { loadCalibration } from './calibration-file.js';
import type { Judging } from './judged-file.js';

/** Whether a strong judge sees what the first is unsure of. */
export const isTiered = ({ strong, strongFor, jury }: JudgeSpec): boolean =>
  strong !== null && strongFor === 'unsure' && jury.length === 0;

/** What people's labels say of the first judge by itself, by metric; nothing of one that is not calibrated now. */
export async function disagreementsOf({
  store,
  spec,
  rubrics,
  calibration: named = null,
  now,
}: {
  store: Ports['store'];
  spec: JudgeSpec;
  rubrics: readonly Rubric[];
  /** What the spec names. */
  calibration?: ArtifactRef | null | undefined;
  now: string;
}): Promise<Map<string, Disagreement[]>> {
  const known = new Map<string, Disagreement[]>();
  if (!isTiered(spec)) return known;
  for (const { metric, digest } of rubrics) {
    const stored = await loadCalibration({ store, judge: spec.model, metric, named });
    const standing = standingOf({
      ...{ metric, judge: spec.model, rubricDigest: digest, now, allowUncalibrated: [] },
      calibration: stored && stored.calibration,
    });
    if (stored === null || standing.standing !== 'calibrated') continue;
    const { rows, passAt, ordered } = stored.file;
    known.set(metric, disagreementOf({ rows, range: judgedMetrics[metric].range, passAt, ordered }));
  }
  return known;
}

/** By what the strong judge's cases are chosen, by metric. */
export const tieredBy = ({
  spec,
  rubrics,
  disagreements,
}: {
  spec: JudgeSpec;
  rubrics: readonly Rubric[];
  disagreements: ReadonlyMap<string, unknown>;
}): Judging['tieredBy'] =>
  Object.fromEntries(
    (isTiered(spec) ? rubrics : []).map(({ metric }) => [
      metric,
      disagreements.has(metric) ? 'calibration' : 'middleOfRange',
    ]),
  );
