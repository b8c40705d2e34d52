import { wilsonInterval } from '../statistics/wilson.js';

const level = 0.95;

/** One rating of one answer. */
export interface Rating {
  /** Who rated, as far as is known: somebody who rates often counts once in a category. */
  person: string;
  category: string;
  down: boolean;
  /** ISO 8601. */
  at: string;
}

/** What users say of the answers to one category of questions. */
export interface CategoryFeedback {
  category: string;
  people: number;
  thumbsDown: number;
  /** Score interval of the share of bad ratings, 95 % two-sided. */
  low: number;
  high: number;
}

/**
 * Categories whose answers people rate badly: the whole interval of the share lies over the limit. Of each person the
 * latest rating of a category counts, so that nobody asks for a release alone. The worst first.
 */
export function badCategories({
  ratings,
  over,
  minimumRatings,
}: {
  ratings: readonly Rating[];
  /** 0..1. */
  over: number;
  minimumRatings: number;
}): CategoryFeedback[] {
  const latest = new Map<string, Map<string, Rating>>();
  for (const rating of ratings) {
    const people = latest.get(rating.category) ?? new Map<string, Rating>();
    const before = people.get(rating.person);
    if (!before || before.at <= rating.at) people.set(rating.person, rating);
    latest.set(rating.category, people);
  }
  return [...latest]
    .map(([category, people]) => {
      const thumbsDown = [...people.values()].filter(({ down }) => down).length;
      return {
        category,
        people: people.size,
        thumbsDown,
        ...wilsonInterval({ share: thumbsDown / people.size, n: people.size, level }),
      };
    })
    .filter(({ people, low }) => people >= minimumRatings && low > over)
    .sort((one, other) => other.low - one.low || (one.category < other.category ? -1 : 1));
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Both numbers of a category, for the reason of a release. */
export const feedbackSentence = ({
  feedback: { category, people, thumbsDown, low },
  over,
}: {
  feedback: CategoryFeedback;
  over: number;
}): string =>
  `${category}: ${thumbsDown} of ${people} people rate answers badly, at least ${percent(low)} > ${percent(over)}`;
