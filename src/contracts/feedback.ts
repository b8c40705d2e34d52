import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { CategoryFeedback } from '../domain/release/category-feedback.js';
import type { BatchInput } from './batch.js';

/** The category of all that users say of summaries. */
export const summariesCategory = 'summaries';

/** What a look at the ratings of a model goes by. */
export interface FeedbackWatchInput {
  model: string;
  specification: ArtifactRef;
}

export interface FeedbackReading {
  /** The worst first. */
  bad: CategoryFeedback[];
  /** Both numbers of each of them. */
  sentences: string[];
  /** What makes the summaries that users rate; null for a spec without a batch, absent in what an earlier version has read. */
  batch?: BatchInput | null;
}
