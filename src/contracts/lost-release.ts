import type { Outcome, Stage } from '../domain/release/kinds.js';
import type { KeptRelease } from '../domain/release/lifecycle-state.js';
import type { ReleaseInput } from './release.js';

/** A release whose workflow is gone without a result: it was terminated, or its history was lost. */
export interface LostReleaseInput {
  input: ReleaseInput;
  /** Who cleans up, for the audit log. */
  workflowId: string;
  /** How the workflow ended, in one sentence. */
  reason: string;
  startedAt: string;
  endedAt: string;
}

/** What such a release is remembered as. */
export interface LostRelease {
  outcome: Outcome;
  stage: Stage;
  reasons: string[];
  withdrawnAt: string | null;
  costUsd: number;
  /** Set where users had been handed to it and there is nobody else to serve them. */
  kept: KeptRelease | null;
}
