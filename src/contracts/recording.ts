import type { Outcome, Stage } from '../domain/release/kinds.js';
import type { TimelineEntry } from '../domain/release/release-record.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { DatasetSummary, EvaluationResult, ReleaseInput, RolloutResult } from './release.js';
import type { Target } from '../domain/rollout/traffic-plan.js';

/** What training left behind, for the record. */
export interface TrainedSummary {
  adapter: ArtifactRef;
  metrics: Record<string, number>;
  rows: number;
  truncatedRows: number;
  seconds: number;
  costUsd: number;
}

/** What a release has come to know on its way; a part it never reached is null. */
export interface Gathered {
  dataset: Omit<DatasetSummary, 'train' | 'validation' | 'table'> | null;
  adapter: ArtifactRef | null;
  training: TrainedSummary | null;
  evaluated: EvaluationResult | null;
  version: string | null;
  rolledOut: RolloutResult | null;
  target: Target | null;
}

/** Everything the release record is written from. */
export interface CloseReleaseInput {
  input: ReleaseInput;
  runId: string;
  gathered: Gathered;
  outcome: Outcome;
  stage: Stage;
  reasons: string[];
  withdrawnAt: string | null;
  timeline: TimelineEntry[];
  startedAt: string;
  endedAt: string;
}
