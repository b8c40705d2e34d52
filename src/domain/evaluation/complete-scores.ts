import type { GoldenCase } from '../dataset/golden.js';
import type { ArmScores } from './judge-answers.js';
import type { ScoreRow } from './score-answers.js';
import { unmeasured } from './scorer.js';

/**
 * Scores with a row for every golden case, whoever scored it: a case that a judge's file or another source leaves out is
 * unmeasured, so that the share which is missing counts all that was asked and no gate passes on what is left. A metric
 * without any row stays without.
 */
export function completeScores({ cases, scores }: { cases: readonly GoldenCase[]; scores: ArmScores }): ArmScores {
  const complete = (rows: readonly ScoreRow[]): ScoreRow[] => {
    const known = new Set(rows.map((row) => keyOf(row)));
    const metrics = [...new Set(rows.map((row) => row.metric))];
    const missing = metrics.flatMap((metric) =>
      cases
        .filter(({ id }) => !known.has(keyOf({ id, metric })))
        .map(({ id, cluster, tags }) => ({ id, cluster, tags, metric, ...unmeasured('no score was recorded') })),
    );
    return [...rows, ...missing];
  };
  return {
    challenger: complete(scores.challenger),
    champion: scores.champion && complete(scores.champion),
    baseline: scores.baseline && complete(scores.baseline),
  };
}

const keyOf = ({ id, metric }: Pick<ScoreRow, 'id' | 'metric'>): string => JSON.stringify([id, metric]);
