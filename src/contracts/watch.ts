import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { Verdict } from '../domain/release/verdict.js';
import type { PlanOwner } from '../domain/rollout/traffic-plan.js';
import type { BadAnswersSpec, GuardSpec } from '../domain/spec/rollout-spec.js';

/** What the watcher of one rollout goes by, from the first share above 0 to the end of the bake. */
export interface WatchInput {
  releaseId: string;
  model: string;
  owner: PlanOwner;
  /** The first revision that sent anything to the challenger. */
  fromRevision: number;
  guards: GuardSpec[];
  alpha: number;
  errorLimit: number;
  errorWindowMilliseconds: number;
  leaseMilliseconds: number;
  /** Absent in histories of 0.1.0; null where only what is reported counts. */
  badAnswers?: BadAnswersSpec | null;
  /** What answers are sampled by; absent in histories of 0.1.0. */
  specification?: ArtifactRef;
  /** How long one activity watches before it hands back; the workflow starts the next. */
  sliceMilliseconds: number;
}

export type WatchResult =
  /** The slice is over and no guard failed. */
  | { kind: 'slice' }
  /** The plan belongs to somebody else or names another challenger. */
  | { kind: 'moved'; reason: string }
  /** A guard failed; the champion has its traffic back already. */
  | {
      kind: 'tripped';
      reason: string;
      verdicts: Verdict[];
      evidence: ArtifactRef;
      /** When it was seen; absent in histories of 0.1.0. */
      evidenceAt?: string;
      rolledBackAt: string;
      revision: number;
    };

/** Whether a canary step or a bake may pass. */
export interface Assessment {
  verdict: Verdict['verdict'];
  reason: string;
  verdicts: Verdict[];
  /** The old champion has served alone since, so that nothing was shown. */
  leaseLapsed: boolean;
  evidenceDigest: string;
}

export interface StepAssessment extends Assessment {
  /** Distinct sticky keys the challenger has answered under this step's revision. */
  keys: number;
}

/**
 * How an activity looks again at what holds, at the pace of `untilNextLook`, so that only what it found in the end costs
 * history. All in milliseconds.
 */
export interface LookAgain {
  /** Of the step or the bake. */
  durationMilliseconds: number;
  /** Since when it holds. */
  heldMilliseconds: number;
  shortestMilliseconds: number;
  /** When it comes back although it still holds. */
  forMilliseconds: number;
}
