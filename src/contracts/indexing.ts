import { defineQuery } from '@temporalio/workflow';
import type { ArtifactRef } from '../domain/artifact-ref.js';

/** Brings an index up to date with its documents. */
export interface IndexInput {
  model: string;
  specification: ArtifactRef;
}

export interface OpenedIndex {
  version: string;
  /** Null where the version in use is this one already. */
  plan: ArtifactRef | null;
  batches: number;
  changed: number;
  removed: number;
  kept: number;
}

export interface IndexCheck {
  chunks: number;
  /** Share of the true nearest neighbours that a search finds. */
  recall: number;
  /** Share of the golden questions whose document is among the first; null without such questions. */
  golden: { hits: number; before: number | null; questions: number } | null;
}

export interface IndexResult {
  version: string;
  /** False where the version in use was this one already. */
  switched: boolean;
  documents: number;
  changed: number;
  removed: number;
  deadLetters: number;
  check: IndexCheck | null;
}

export interface IndexProgress {
  model: string;
  version: string | null;
  stage: 'listing' | 'copying' | 'embedding' | 'checking' | 'switching' | 'ended';
  batches: { done: number; all: number };
  result: IndexResult | null;
}

export const indexMessages = { progress: defineQuery<IndexProgress>('progress') };
