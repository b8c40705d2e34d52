import { defineQuery } from '@temporalio/workflow';
import type { ArtifactRef } from '../domain/artifact-ref.js';

export interface IngestInput {
  model: string;
  specification: ArtifactRef;
  /** First and last logical date, such as 2026-03-31; null is the day before the run was due. */
  from: string | null;
  to: string | null;
  /** What runs before this one have done, after continue-as-new. */
  carried?: IngestProgress;
}

/** One logical date that was taken in; `digest` null where the source has no rows of it. */
export interface IngestedDate {
  date: string;
  digest: string | null;
  read: number;
  published: number;
}

export interface IngestProgress {
  model: string;
  /** The date in work; null at the end. */
  date: string | null;
  chunks: { done: number; all: number };
  dates: number;
  read: number;
  published: number;
  /** The latest dates, at most 31. */
  latest: IngestedDate[];
}

/** Raw rows of one date, laid into the store in chunks. */
export interface StagedDate {
  stage: ArtifactRef;
  chunks: number;
  read: number;
}

export const ingestMessages = { progress: defineQuery<IngestProgress>('progress') };
