import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { Verdict, VerdictKind } from '../domain/release/verdict.js';
import type { Target } from '../domain/rollout/traffic-plan.js';

/** What a load test goes by. */
export interface LoadInput {
  releaseId: string;
  model: string;
  target: Target;
  specification: ArtifactRef;
  /** Requests a second that count, and how long they come. */
  perSecond: number;
  milliseconds: number;
  minimumSuccess: number;
  latencyP95Milliseconds: number;
  firstTokenP95Milliseconds: number | null;
  /** Digest of the evidence so far, which the load test's own names; null where it runs alone. */
  evidenceDigest: string | null;
}

export interface LoadResult {
  verdict: VerdictKind;
  reason: string;
  verdicts: Verdict[];
  evidence: ArtifactRef;
  evidenceDigest: string;
  /** Requests a second of the last step that kept all limits; null where none did. */
  kept: number | null;
  /** The first rate that did not; null where all did. */
  knee: number | null;
}
