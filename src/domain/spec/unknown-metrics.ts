import { judgedMetrics } from '../evaluation/judge/judged-metrics.js';
import { scorers, setScorers } from '../evaluation/scorers.js';
import { sharedWords } from '../evaluation/words.js';
import type { EvaluationSpec } from './evaluation-spec.js';
import type { SpecProblem } from './model-spec.js';

const known = Object.keys({ ...judgedMetrics, ...setScorers, ...scorers }).sort();
const suggested = 3;

/** Metrics that nobody measures, with those whose names are like theirs: a gate on one could only be unmeasured. */
export function unknownMetrics(evaluation: Pick<EvaluationSpec, 'gates' | 'primary' | 'guardrails'>): SpecProblem[] {
  return (['gates', 'primary', 'guardrails'] as const).flatMap((part) =>
    evaluation[part].flatMap(({ metric }, index) =>
      known.includes(metric)
        ? []
        : [
            {
              path: `evaluation.${part}.${index}.metric`,
              value: metric,
              expected: `a metric, such as ${likeliest(metric).join(', ')}; docs/scorers.md and docs/judges.md name all`,
            },
          ],
    ),
  );
}

const pairsOf = (name: string): string[] =>
  Array.from(name.slice(1), (_, index) => name.toLowerCase().slice(index, index + 2));

/** By the pairs of letters that two names share (Dice 1945). */
function likeliest(metric: string): string[] {
  const ours = pairsOf(metric);
  const likeness = (name: string): number => {
    const theirs = pairsOf(name);
    return sharedWords(ours, theirs) / (ours.length + theirs.length);
  };
  return known.toSorted((one, other) => likeness(other) - likeness(one)).slice(0, suggested);
}
