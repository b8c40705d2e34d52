import { defineQuery, defineSignal } from '@temporalio/workflow';
import { z } from 'zod';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { ModelSpec } from '../domain/spec/model-spec.js';

const who = z.string().trim().min(1).max(200);

export const pauseBatchSchema = z.object({ by: who, reason: z.string().min(1).max(2000) });
export type PauseBatch = z.infer<typeof pauseBatchSchema>;

export const resumeBatchSchema = z.object({ by: who });

/** Who pauses where users rate summaries badly; what a person has paused it leaves alone. */
export const qualityAlert = 'quality alert';

export interface BatchInput {
  model: string;
  specification: ArtifactRef;
  /** Most calls at a time, over all chunks. */
  concurrency: number;
  /** A run that waits from its start on, until it is resumed. */
  paused?: PauseBatch;
  /** What runs before this one have done, after continue-as-new. */
  carried?: { progress: BatchProgress; staged: StagedBatch; next: number };
}

/** What a run is told; null for a spec without a batch. */
export const batchInputOf = ({
  spec: { model, batch },
  specification,
}: {
  spec: ModelSpec;
  specification: ArtifactRef;
}): BatchInput | null => batch && { model, specification, concurrency: batch.concurrency };

/** The items of a run, laid into the store in chunks. */
export interface StagedBatch {
  /** Null where there is nothing to do; `reason` says why. */
  stage: ArtifactRef | null;
  reason: string;
  chunks: number;
  due: number;
  unchanged: number;
}

export interface AnswerBatchInput {
  specification: ArtifactRef;
  stage: ArtifactRef;
  chunk: number;
  /** Calls at a time: at most, and where the chunk before it ended. */
  most: number;
  atOnce: number;
}

/** What became of the items of a chunk or of a run. */
export interface BatchCounts {
  summarised: number;
  deadLettered: number;
  /** Items with fewer reviews than the spec asks for. */
  tooFew: number;
  /** Questions that a model was asked; answers that were stored already are none. */
  calls: number;
  repaired: number;
  /** Replies that were asked for in a format that the endpoint does not take; absent where an earlier version counted. */
  unformatted?: number | undefined;
  pairs: number;
}

export interface AnsweredChunk extends BatchCounts {
  atOnce: number;
}

export interface BatchProgress extends BatchCounts {
  model: string;
  /** Begin of the run, ISO 8601. */
  run: string;
  chunks: { done: number; failed: number; all: number };
  due: number;
  unchanged: number;
  atOnce: number;
  /** Why the first of the chunks that failed did; absent where an earlier version began the run. */
  failure?: string | null;
  paused: PauseBatch | null;
  /** What it does now, or how it ended. */
  now: string;
}

export const batchMessages = {
  progress: defineQuery<BatchProgress>('progress'),
  pause: defineSignal<[PauseBatch]>('pause'),
  resume: defineSignal<[{ by: string }]>('resume'),
};
