import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { z } from 'zod';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { ApprovalChannel } from '../domain/release/approval-channels.js';
import type { Outcome, ReleaseKind, Stage, Trigger } from '../domain/release/kinds.js';
import type { Candidate, KeptRelease } from '../domain/release/lifecycle-state.js';
import type { RollbackTime } from '../domain/release/rollback-time.js';
import type { TimelineEntry } from '../domain/release/release-record.js';
import type { Verdict, VerdictKind } from '../domain/release/verdict.js';
import type { PlanOwner, Target } from '../domain/rollout/traffic-plan.js';
import type { RolloutSpec } from '../domain/spec/rollout-spec.js';

export interface ReleaseInput {
  releaseId: string;
  model: string;
  kind: ReleaseKind;
  trigger: Trigger;
  /** Everyone who asked for it; none of them may decide on it. */
  requestedBy: string[];
  reasons: string[];
  specification: ArtifactRef;
  champion: KeptRelease | null;
  epoch: number;
  /** Of an index release: what it serves with. Absent in histories of 0.1.0, as `candidate`. */
  indexVersion?: string | null;
  /** The earlier version that is rolled out in place of a new one. */
  candidate?: Candidate | null;
  /** What the month's budget leaves for it, in US dollars; absent where there is none. */
  budgetLeftUsd?: number;
}

export interface ReleaseResult {
  releaseId: string;
  outcome: Outcome;
  /** Where it ended. */
  stage: Stage;
  reasons: string[];
  /** What serves now, when this release was promoted. */
  kept: KeptRelease | null;
  costUsd: number;
  seconds: number;
  record: ArtifactRef | null;
  /** Set when a promotion was taken back before its bake ended. */
  withdrawnAt: string | null;
  /** Its rollout did not end by itself, and may have retired the champion, or be about to. */
  rolloutLost?: true;
  /** What served before it and takes a slot still, since it could not be retired; absent where nothing does. */
  unretired?: string[];
}

/** What a waiting workflow waits for, and where to answer. */
export interface Waiting {
  for: string;
  how: string;
  evidenceDigest: string | null;
  until: string | null;
}

export interface Progress {
  releaseId: string;
  model: string;
  stage: Stage;
  since: string;
  verdicts: { gate: string; verdict: VerdictKind; reason: string }[];
  waiting: Waiting | null;
  /** Share of users on the challenger, 0..1. */
  share: number;
  evidenceDigest: string | null;
}

export interface EvaluationInput {
  releaseId: string;
  model: string;
  specification: ArtifactRef;
  dataset: DatasetSummary;
  challenger: ServedTarget;
  champion: ServedTarget | null;
}

/** What an evaluation asks: a release served under a name, with the prompt it was made for. */
export interface ServedTarget {
  releaseId: string;
  endpoint: string;
  adapter: string;
  specification: ArtifactRef;
  /** The retrieval index that it answers from; absent where it answers without. */
  indexVersion?: string;
}

export interface DatasetSummary {
  name: string;
  digest: string;
  read: number;
  rows: number;
  deadLettered: Record<string, number>;
  train: ArtifactRef;
  validation: ArtifactRef;
  /** The cleaned rows themselves, which the baseline learns from. */
  table: ArtifactRef;
  manifest: ArtifactRef;
}

export interface EvaluationResult {
  verdict: VerdictKind;
  verdicts: Verdict[];
  /** Means and slices, for the record and the report; null where the comparison was refused before it began. */
  evidence: ArtifactRef | null;
  evidenceDigest: string;
  /** Why a person has to approve, whatever the spec allows. Absent in histories of 0.1.0. */
  halts?: string[];
}

export interface RolloutInput {
  releaseId: string;
  model: string;
  rollout: RolloutSpec;
  challenger: Target;
  champion: Target | null;
  version: string;
  championVersion: string | null;
  adapter: ArtifactRef | null;
  baseId: string;
  /** With `halts` only a person who is known approves; absent in histories of 0.1.0. */
  evidence: { digest: string; verdict: VerdictKind; summary: string[]; halts?: string[] };
  requestedBy: string[];
  owner: PlanOwner;
  /** The MLflow run that the aliases' audit entries point to. */
  runId: string;
  /** Absent in histories of 0.1.0, whose rollouts had no stage that reads it. */
  specification?: ArtifactRef;
  /** Absent in histories of 0.1.0, whose rollouts were all alike. */
  kind?: ReleaseKind;
}

export interface Approval {
  by: string;
  decision: 'approve' | 'reject';
  evidenceDigest: string;
  reason: string;
  at: string;
  /** How the approver's identity was known. */
  channel: ApprovalChannel;
  /** What the approver's token says they are; absent without one. */
  roles?: string[];
}

export interface RolloutResult {
  outcome: Outcome;
  stage: Stage;
  reasons: string[];
  approvals: Approval[];
  verdicts: Verdict[];
  withdrawnAt: string | null;
  timeline: TimelineEntry[];
  /** US dollars by kind. Absent in histories of 0.1.0. */
  costUsd?: Record<string, number>;
  /** How long a guard's rollback took; absent where there was none. */
  rollback?: RollbackTime | null;
  /** As in `ReleaseResult`. */
  unretired?: string[];
}

const who = z.string().trim().min(1).max(200);
/** Of what is decided on: 64 hexadecimal digits. */
const digest = z.string().max(200);
/** An approver token bound to this answer, as `understudy approve` makes it. */
const token = z.string().max(4000).optional();
export const decideSchema = z
  .strictObject({
    decision: z.enum(['approve', 'reject']),
    by: who,
    evidenceDigest: digest.min(1),
    reason: z.string().max(2000).default(''),
    token,
  })
  .refine((message) => message.decision === 'approve' || message.reason.trim() !== '', {
    path: ['reason'],
    message: 'expected a reason for a refusal',
  });
export type Decide = z.infer<typeof decideSchema>;

export const approvePromotionSchema = z.strictObject({
  by: who,
  evidenceDigest: digest.nullable().default(null),
  token,
});
export const abortSchema = z.strictObject({ by: who, reason: z.string().min(1).max(2000) });
export type Abort = z.infer<typeof abortSchema>;

export const releaseMessages = {
  cancel: defineUpdate<void, [Abort]>('cancel'),
  /** The same for workflows, which can't send updates. */
  cancelSignal: defineSignal<[Abort]>('cancel'),
  progress: defineQuery<Progress>('progress'),
};

export const rolloutMessages = {
  decide: defineUpdate<{ approvals: number; required: number }, [Decide]>('decide'),
  approvePromotion: defineSignal<[unknown]>('approvePromotion'),
  abortUpdate: defineUpdate<void, [Abort]>('abort'),
  abort: defineSignal<[Abort]>('abort'),
  progress: defineQuery<Progress>('progress'),
};
