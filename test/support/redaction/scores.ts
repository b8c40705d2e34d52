import type { Labelled } from './labelled.js';

export interface Score {
  /** Labelled values, predicted values and those that are both. */
  labelled: number;
  predicted: number;
  matched: number;
}

type Span = Labelled['spans'][number];

const overlap = ({ one, other }: { one: Span; other: Span }): number =>
  Math.max(0, Math.min(one.end, other.end) - Math.max(one.start, other.start));

/** Same type, and what both cover is at least half of what either covers. */
function isMatch({ one, other }: { one: Span; other: Span }): boolean {
  const shared = overlap({ one, other });
  return one.type === other.type && shared / (one.end - one.start + other.end - other.start - shared) >= 0.5;
}

/** Counts by `all`, language, type, and `language type`. */
export function scoreSpans({
  labelled,
  predict,
}: {
  labelled: readonly Labelled[];
  predict: (one: Labelled) => readonly Span[];
}): Map<string, Score> {
  const scores = new Map<string, Score>();
  const count = ({ language, type, what }: { language: string; type: string; what: keyof Score }): void => {
    for (const key of ['all', language, type, `${language} ${type}`]) {
      const score = scores.get(key) ?? { labelled: 0, predicted: 0, matched: 0 };
      score[what] += 1;
      scores.set(key, score);
    }
  };
  for (const one of labelled) {
    const { language } = one;
    const free = [...predict(one)];
    for (const { type } of free) count({ language, type, what: 'predicted' });
    for (const span of one.spans) {
      count({ language, type: span.type, what: 'labelled' });
      const at = free.findIndex((other) => isMatch({ one: span, other }));
      if (at < 0) continue;
      free.splice(at, 1);
      count({ language, type: span.type, what: 'matched' });
    }
  }
  return scores;
}

/** Share of labelled values that were found; 1 where there are none. */
export const recallOf = ({ labelled, matched }: Score): number => (labelled === 0 ? 1 : matched / labelled);

/** Share of predicted values that are labelled; 1 where there are none. */
export const precisionOf = ({ predicted, matched }: Score): number => (predicted === 0 ? 1 : matched / predicted);
