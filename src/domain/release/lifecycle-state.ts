import { z } from 'zod';
import { artifactRefSchema } from '../artifact-ref.js';
import { targetSchema } from '../rollout/traffic-plan.js';
import { outcomeSchema, releaseKindSchema, stageSchema } from './kinds.js';

/** A release that serves or may serve again. */
export const keptReleaseSchema = z.object({
  releaseId: z.string(),
  version: z.string(),
  target: targetSchema,
  /** The base model's id. */
  base: z.string(),
  /** The adapter's manifest in the store; null where the release serves the base model. */
  adapter: artifactRefSchema.nullable(),
  specification: artifactRefSchema,
  promotedAt: z.string(),
});
export type KeptRelease = z.infer<typeof keptReleaseSchema>;

export const queuedReleaseSchema = z.object({
  releaseId: z.string(),
  kind: releaseKindSchema,
  trigger: z.enum(['person', 'schedule', 'alert']),
  priority: z.enum(['normal', 'high']),
  /** Everyone who asked for it, those included whose request joined a waiting one. */
  requestedBy: z.array(z.string()),
  reasons: z.array(z.string()),
  requestedAt: z.string(),
});
export type QueuedRelease = z.infer<typeof queuedReleaseSchema>;

export const endedReleaseSchema = z.object({
  releaseId: z.string(),
  outcome: outcomeSchema,
  stage: stageSchema,
  reasons: z.array(z.string()),
  champion: z.string().nullable(),
  costUsd: z.number(),
  seconds: z.number(),
  endedAt: z.string(),
  withdrawnAt: z.string().nullable(),
});
export type EndedRelease = z.infer<typeof endedReleaseSchema>;

/** What the champion's return could not do in time besides the traffic, which it always does. */
export const unfinishedReturnSchema = z.object({
  /** Names the return, once for each. */
  step: z.string(),
  reason: z.string(),
  /** The release that the champion took over from and that takes a slot still; null where there is none. */
  withdrawn: z.string().nullable(),
  /** What went wrong, one reason a step. */
  notUndone: z.array(z.string()),
  /** How often it was tried again. */
  tries: z.number().int().min(0),
});
export type UnfinishedReturn = z.infer<typeof unfinishedReturnSchema>;

/** Everything the lifecycle of one model knows; plain JSON, carried over continue-as-new. */
export const lifecycleStateSchema = z.object({
  model: z.string(),
  specification: artifactRefSchema,
  cooldownMilliseconds: z.number(),
  monthlyBudgetUsd: z.number().nullable(),
  keepReleases: z.number(),
  releaseCount: z.number().int(),
  /** Raised whenever traffic changes hands; a writer of an older epoch is fenced out. */
  epoch: z.number().int(),
  champion: keptReleaseSchema.nullable(),
  previous: z.array(keptReleaseSchema),
  queue: z.array(queuedReleaseSchema),
  running: queuedReleaseSchema.extend({ startedAt: z.string(), epoch: z.number().int() }).nullable(),
  paused: z.object({ reason: z.string(), by: z.string(), at: z.string() }).nullable(),
  ended: z.array(endedReleaseSchema),
  spentUsd: z.object({ month: z.string(), usd: z.number() }),
  /** Tried again until it is done; null where nothing is left. */
  unfinishedReturn: unfinishedReturnSchema.nullable().default(null),
});
export type LifecycleState = z.infer<typeof lifecycleStateSchema>;

/** How many ended releases the state remembers; the records of all stand in the store. */
export const rememberedReleases = 20;
