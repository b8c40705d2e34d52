import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { CategoryFeedback } from '../domain/release/category-feedback.js';

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
}
