import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { z } from 'zod';
import { cutText } from '../domain/cut-text.js';
import { artifactRefSchema, type ArtifactRef } from '../domain/artifact-ref.js';
import type { AnsweredUpdate } from '../domain/release/answered-updates.js';
import { releaseKindSchema } from '../domain/release/kinds.js';
import type { RollbackTime } from '../domain/release/rollback-time.js';
import type { LifecycleState } from '../domain/release/lifecycle-state.js';

/**
 * Characters of a reason at most. Every text of a message has its limit: what a workflow takes it keeps, hands on and
 * answers queries with, and what is over the server's limit lets none of that happen any more.
 */
export const mostReason = 2000;
/** Of a name or an id. */
const mostName = 200;

/** Who and why; every message names both. */
const who = z.string().trim().min(1).max(mostName);
const why = z.string().min(1).max(mostReason);

export const requestReleaseSchema = z.strictObject({
  kind: releaseKindSchema.default('training'),
  reason: why,
  requestedBy: who,
  priority: z.enum(['normal', 'high']).default('normal'),
  /** Whether a person or a service asks; cooldown and quiet hours hold a service back. Absent: a person. */
  trigger: z.enum(['person', 'api']).optional(),
  /** Of an index release: what it is to serve with. */
  indexVersion: z.string().min(1).max(mostName).optional(),
});
export type RequestRelease = z.infer<typeof requestReleaseSchema>;

/** What became of a request. A request that joins a waiting one gets that one's release id. */
export interface RequestReleaseResult {
  decision: 'queued' | 'coalesced' | 'refused';
  releaseId: string | null;
  reason: string;
}

export const requestRolloutSchema = z.strictObject({
  /** Of the registered model, as MLflow counts them. */
  version: z.string().min(1).max(50),
  reason: why,
  requestedBy: who,
});
export type RequestRollout = z.infer<typeof requestRolloutSchema>;

/** A version that carries the alias `promote`; who moved it there is read from MLflow. */
export const promotionAskedSchema = z.strictObject({ version: z.string().min(1).max(50) });
export type PromotionAsked = z.infer<typeof promotionAskedSchema>;

export const removeSchema = z.strictObject({
  reason: why,
  by: who,
  /** Ends a running release; else it goes to its end first. */
  endRelease: z.boolean().default(false),
});
export type Remove = z.infer<typeof removeSchema>;
export interface RemoveResult {
  /** The release that ends first; null where none runs. */
  waitsFor: string | null;
  /** Why an earlier try did not end the model, which is now tried again; absent where workers are of 0.1.0. */
  left?: string | null;
}

export const rollbackSchema = z.strictObject({
  to: z.string().max(mostName).nullable().default(null),
  reason: why,
  by: who,
});
export type Rollback = z.infer<typeof rollbackSchema>;

export const pauseSchema = z.strictObject({ reason: why, by: who });
export type Pause = z.infer<typeof pauseSchema>;

export const drillSchema = z.strictObject({
  /** What of the traffic the rehearsed plan gives away, to the champion itself. */
  share: z.number().gt(0).max(1).default(0.05),
  reason: why,
  by: who,
});
export type Drill = z.infer<typeof drillSchema>;
export type DrillResult = RollbackTime;

export const resumeSchema = z.strictObject({ by: who });
export type Resume = z.infer<typeof resumeSchema>;

export const applySpecSchema = z.strictObject({
  ref: artifactRefSchema.extend({ uri: artifactRefSchema.shape.uri.max(1000) }),
  by: who,
});
export type ApplySpec = z.infer<typeof applySpecSchema>;

export const alertSchema = z.strictObject({
  kind: z.string().min(1).max(100),
  severity: z.enum(['info', 'warning', 'critical']),
  /** What is too long of it is cut: nobody could be told, and an alert of a long category counts like any other. */
  category: z
    .string()
    .overwrite((text) => cutText({ text, bytes: mostName }))
    .nullable()
    .default(null),
  evidence: z.string().max(mostReason).default(''),
});
export type Alert = z.infer<typeof alertSchema>;

export interface LifecycleInput {
  model: string;
  /** The first specification; null on continue-as-new, when `state` carries it. */
  specification: ArtifactRef | null;
  state: LifecycleState | null;
  /** Updates that earlier runs carried out, oldest first; absent in histories of 0.1.0. */
  answered?: AnsweredUpdate[];
}

export const lifecycleMessages = {
  requestRelease: defineUpdate<RequestReleaseResult, [RequestRelease]>('requestRelease'),
  requestRollout: defineUpdate<RequestReleaseResult, [RequestRollout]>('requestRollout'),
  promotionAsked: defineSignal<[PromotionAsked]>('promotionAsked'),
  remove: defineUpdate<RemoveResult, [Remove]>('remove'),
  rollback: defineUpdate<{ champion: string; reason: string; time?: RollbackTime | null }, [Rollback]>('rollback'),
  drill: defineUpdate<DrillResult, [Drill]>('drill'),
  pause: defineUpdate<void, [Pause]>('pause'),
  resume: defineUpdate<void, [Resume]>('resume'),
  applySpec: defineUpdate<{ digest: string; effective: 'now' | 'after the running release' }, [ApplySpec]>('applySpec'),
  alert: defineSignal<[Alert]>('alert'),
  /** Begins a new history, so that all of it is written with the key that writes now. */
  renew: defineSignal('renew'),
  describe: defineQuery<LifecycleState>('describe'),
};
