import { z } from 'zod';
import { artifactRefSchema } from '../artifact-ref.js';
import { causeSchema } from '../audit/cause.js';
import { targetSchema } from '../rollout/traffic-plan.js';
import { quietHoursSchema } from '../spec/quiet-hours.js';
import { outcomeSchema, releaseKindSchema, stageSchema, triggerSchema } from './kinds.js';

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
  /** When a rollback took users off it; absent of one that serves or that a promotion has replaced. */
  withdrawnAt: z.string().optional(),
});
export type KeptRelease = z.infer<typeof keptReleaseSchema>;

/** A model version that a release registered earlier, with all that it serves with. */
export const candidateSchema = z.object({
  releaseId: z.string(),
  version: z.string(),
  adapter: artifactRefSchema.nullable(),
  indexVersion: z.string().nullable(),
  /** The rules of the spec in force, with the prompt and the base that the version was made with. */
  specification: artifactRefSchema,
});
export type Candidate = z.infer<typeof candidateSchema>;

export const queuedReleaseSchema = z.object({
  releaseId: z.string(),
  kind: releaseKindSchema,
  trigger: triggerSchema,
  priority: z.enum(['normal', 'high']),
  /** Everyone who asked for it, those included whose request joined a waiting one. */
  requestedBy: z.array(z.string()),
  reasons: z.array(z.string()),
  requestedAt: z.string(),
  /** Of an index release: what it serves with. */
  indexVersion: z.string().nullable().default(null),
  /** Set where an earlier version is to be rolled out in place of a new one. */
  candidate: candidateSchema.nullable().default(null),
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

/** That users were taken off a champion, as its record and the audit log are to tell. */
export const withdrawalSchema = z.object({
  /** Names the rollback, once for each. */
  step: z.string(),
  releaseId: z.string(),
  /** The release that serves in its place. */
  to: z.string(),
  /** Who asked for it, and their words. */
  by: z.string(),
  reason: z.string(),
  /** ISO 8601. */
  at: z.string(),
});
export type Withdrawal = z.infer<typeof withdrawalSchema>;

/** How many withdrawals wait for their record at most, so that a state stays small while the store is away. */
export const mostWithdrawals = 5;

/** What the champion's return could not do in time besides the traffic, which it always does. */
export const unfinishedReturnSchema = z.object({
  /** Names the return, once for each. */
  step: z.string(),
  reason: z.string(),
  /** Releases that serve no more and take a slot still. States of 0.1.0 named one, or none by null. */
  withdrawn: z.union([
    z.array(z.string()),
    z.string().transform((one) => [one]),
    z.null().transform((): string[] => []),
  ]),
  /** What went wrong, one reason a step. */
  notUndone: z.array(z.string()),
  /** Absent in states of 0.1.0. */
  cause: causeSchema.optional(),
  /** Whose records may not tell of it yet, oldest first. */
  withdrawals: z.array(withdrawalSchema).max(mostWithdrawals).optional(),
  /** How often it was tried again. */
  tries: z.number().int().min(0),
});
export type UnfinishedReturn = z.infer<typeof unfinishedReturnSchema>;

/** Who has paused a model, why, and since when (ISO 8601). */
export const pausedSchema = z.object({ reason: z.string(), by: z.string(), at: z.string() });
export type Paused = z.infer<typeof pausedSchema>;

/** A person's wish that a model be removed, and what of that could not be done yet. */
export const removalSchema = z.object({
  by: z.string(),
  reason: z.string(),
  /** ISO 8601. */
  at: z.string(),
  /** Why the last try did not end it; null before the first has ended. */
  left: z
    .object({
      /** What sort of failure it was. */
      cause: z.string(),
      problem: z.string(),
      /** The sorts that people were told of, each once. */
      told: z.array(z.string()).default([]),
      /** How often it was tried again. */
      tries: z.number().int().min(0),
    })
    .nullable()
    .default(null),
});
export type Removal = z.infer<typeof removalSchema>;

/** What the alias `promote` was answered, where the registry could not be told. */
export const unansweredPromotionSchema = z.object({
  version: z.string(),
  decision: z.enum(['queued', 'coalesced', 'refused']),
  releaseId: z.string().nullable(),
  reason: z.string(),
  /** When it was last tried, in ISO 8601. */
  at: z.string(),
});
export type UnansweredPromotion = z.infer<typeof unansweredPromotionSchema>;

/** Everything the lifecycle of one model knows; plain JSON, carried over continue-as-new. */
export const lifecycleStateSchema = z.object({
  model: z.string(),
  specification: artifactRefSchema,
  cooldownMilliseconds: z.number(),
  monthlyBudgetUsd: z.number().nullable(),
  keepReleases: z.number(),
  quietHours: quietHoursSchema.nullable().default(null),
  releaseCount: z.number().int(),
  /** Raised whenever traffic changes hands; a writer of an older epoch is fenced out. */
  epoch: z.number().int(),
  champion: keptReleaseSchema.nullable(),
  previous: z.array(keptReleaseSchema),
  queue: z.array(queuedReleaseSchema),
  running: queuedReleaseSchema
    .extend({
      startedAt: z.string(),
      epoch: z.number().int(),
      /** The rollback that came while it ran, should it be promoted all the same. */
      overtakenBy: withdrawalSchema.pick({ step: true, by: true, reason: true }).optional(),
    })
    .nullable(),
  paused: pausedSchema.nullable(),
  ended: z.array(endedReleaseSchema),
  spentUsd: z.object({ month: z.string(), usd: z.number() }),
  /** Tried again until it is done; null where nothing is left. */
  unfinishedReturn: unfinishedReturnSchema.nullable().default(null),
  /** Set once the model is to be removed; it starts nothing more. */
  removal: removalSchema.nullable().default(null),
  unansweredPromotion: unansweredPromotionSchema.nullable().default(null),
});
export type LifecycleState = z.infer<typeof lifecycleStateSchema>;

/** How many ended releases the state remembers; the records of all stand in the store. */
export const rememberedReleases = 20;
