import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { Verdict, VerdictKind } from '../domain/release/verdict.js';
import type { PlanOwner, Target } from '../domain/rollout/traffic-plan.js';
import type { ShadowSpec } from '../domain/spec/rollout-spec.js';

/** What the `shadow` workflow goes by. */
export interface ShadowInput {
  releaseId: string;
  model: string;
  challenger: Target;
  champion: Target;
  owner: PlanOwner;
  specification: ArtifactRef;
  shadow: ShadowSpec;
  /** As in the spec. */
  lease: string;
  slowMilliseconds: number;
  /** Digest of the evidence so far, which the shadow's own names: an approval of the last one signs all. */
  evidenceDigest: string;
}

/** What one activity watches of a shadow. */
export interface WatchShadowInput extends Omit<ShadowInput, 'lease'> {
  /** Of the plan that mirrors. */
  revision: number;
  startedAt: string;
  /** From then on it is over, whatever was shown. */
  endsAt: string;
  leaseMilliseconds: number;
  sliceMilliseconds: number;
}

/** How a shadow ended. */
export interface ShadowResult {
  verdict: VerdictKind;
  reason: string;
  verdicts: Verdict[];
  /** Everything the verdict rests on; null where it ended before anything was read. */
  evidence: ArtifactRef | null;
  evidenceDigest: string;
  /** What the judge cost. */
  costUsd: number;
}

export type WatchShadowResult =
  /** The slice is over, and the shadow is not. */
  | { kind: 'slice'; verdicts: Verdict[] }
  /** The plan belongs to somebody else or mirrors to another challenger. */
  | { kind: 'moved'; reason: string }
  /** Nobody renewed the lease in time, so that the gateways stopped mirroring. */
  | { kind: 'lapsed' }
  | ({ kind: 'decided' } & ShadowResult);
