import type { RetrievedDocument } from '../answer.js';
import { unmeasured, type AnswerToScore, type Score } from '../scorer.js';

export interface Ranking {
  /** Relevance of each document that was found, best first, each document once. */
  gains: number[];
  /** Relevance of every relevant document, highest first. */
  ideal: number[];
}

/** Documents in their order, each once: retrieval by chunks finds the same document several times. */
const distinctIds = (documents: readonly RetrievedDocument[]): string[] => [...new Set(documents.map(({ id }) => id))];

/** What is known of a ranking, or why nothing is. Without graded relevance every relevant document counts 1. */
export function rankingOf({ case: one, documents }: AnswerToScore): Ranking | Score {
  const { relevance: grades = {}, relevantDocuments = [] } = one;
  const named =
    Object.keys(grades).length > 0 ? Object.entries(grades) : relevantDocuments.map((id) => [id, 1] as const);
  const relevance = new Map(named.filter(([, grade]) => grade > 0));
  if (relevance.size === 0) return unmeasured('the case names no relevant document');
  if (documents === undefined) return unmeasured('no retrieval was recorded');
  return {
    gains: distinctIds(documents).map((id) => relevance.get(id) ?? 0),
    ideal: [...relevance.values()].sort((a, b) => b - a),
  };
}

/** Scores a ranking where there is one. */
export function scoreRanking(input: AnswerToScore, score: (ranking: Ranking) => Score): Score {
  const ranking = rankingOf(input);
  return 'gains' in ranking ? score(ranking) : ranking;
}

export const relevantAmong = (gains: readonly number[]): number => gains.filter((gain) => gain > 0).length;
