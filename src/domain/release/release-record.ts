import { z } from 'zod';
import { artifactRefSchema } from '../artifact-ref.js';
import { approvalChannels } from './approval-channels.js';
import { outcomeSchema, releaseKindSchema, stageSchema, triggerSchema } from './kinds.js';
import { rollbackTimeSchema } from './rollback-time.js';
import { verdictKinds, verdictSchema } from './verdict.js';

const time = z.iso.datetime();

/** One person's (or the automatic) answer to the evidence named by its digest. */
export const approvalSchema = z.object({
  by: z.string().min(1),
  decision: z.enum(['approve', 'reject']),
  evidenceDigest: z.string().min(1),
  reason: z.string(),
  at: time,
  channel: z.enum(approvalChannels),
  roles: z.array(z.string()).optional().describe('of the token that proved who it was'),
});

/** Something that happened; `stage` is set where the release entered that stage with it. */
export const timelineEntrySchema = z.object({
  at: time,
  event: z.string().min(1),
  stage: stageSchema.nullable().default(null),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

/** What the release was made from, in rows. */
export const recordDatasetSchema = z.object({
  name: z.string().min(1),
  digest: z.string().min(1),
  read: z.number().int().min(0),
  rows: z.number().int().min(0),
  deadLettered: z.record(z.string(), z.number().int().min(0)),
  manifest: artifactRefSchema,
});

/** How the adapter was trained; null in a record whose release kept the champion's adapter or never got so far. */
export const recordTrainingSchema = z.object({
  jobName: z.string().min(1),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  metrics: z.record(z.string(), z.number()),
  rows: z.number().int().min(0),
  truncatedRows: z.number().int().min(0),
  seconds: z.number().min(0),
});

/**
 * What a release was, did and rested on: the JSON that answers "why does this serve?" years later. Fields of parts
 * that a release never reached are null, never left out.
 */
export const releaseRecordSchema = z.object({
  version: z.literal(1),
  model: z.string().min(1),
  releaseId: z.string().min(1),
  kind: releaseKindSchema,
  trigger: triggerSchema,
  requestedBy: z.array(z.string().min(1)).min(1),
  outcome: outcomeSchema,
  stage: stageSchema.describe('where it ended'),
  reasons: z.array(z.string()),
  withdrawnAt: time.nullable().describe('set when a promotion was taken back'),
  startedAt: time,
  endedAt: time,
  seconds: z.number().min(0),
  champion: z.string().nullable().describe('release that served when this one started'),
  specification: artifactRefSchema,
  overlays: z.array(z.string()).describe('overlay files of the spec, in order'),
  codeCommit: z.string().nullable(),
  dataset: recordDatasetSchema.nullable(),
  golden: z.object({ name: z.string(), version: z.string(), ref: artifactRefSchema }),
  base: z.object({ id: z.string().min(1), revision: z.string().nullable() }),
  adapter: artifactRefSchema.nullable(),
  training: recordTrainingSchema.nullable(),
  promptDigest: z.string().nullable(),
  candidate: z
    .object({ releaseId: z.string(), version: z.string() })
    .optional()
    .describe('the model version whose rollout was asked for; absent where the release made its own'),
  indexVersion: z.string().nullable(),
  embeddingModel: z.string().nullable(),
  serving: z
    .object({
      endpoint: z.string(),
      liveEndpoint: z.string(),
      adapter: z.string(),
      settings: z.record(z.string(), z.string()),
    })
    .nullable(),
  tracking: z.object({ runId: z.string(), modelVersion: z.string().nullable() }).nullable(),
  evaluation: z.object({ verdict: z.enum(verdictKinds), evidence: artifactRefSchema }).nullable(),
  evidenceDigest: z
    .string()
    .nullable()
    .describe('of the evaluation; approvals sign it, or the evidence of a later stage, which names it'),
  verdicts: z.array(verdictSchema),
  approvals: z.array(approvalSchema),
  rollback: rollbackTimeSchema.nullable().optional().describe('how long taking it back took at the gateways'),
  costUsd: z.record(z.string(), z.number().min(0)).describe('US dollars by kind, such as training or evaluation'),
  timeline: z.array(timelineEntrySchema),
});
export type ReleaseRecord = z.infer<typeof releaseRecordSchema>;

/**
 * Whether users were taken off a release after it had ended: it was the champion, and can be gone back to. Another one
 * that was promoted and withdrawn was taken back while it ran.
 */
export const withdrawnLater = ({
  outcome,
  withdrawnAt,
  endedAt,
}: Pick<ReleaseRecord, 'outcome' | 'withdrawnAt' | 'endedAt'>): boolean =>
  outcome === 'promoted' && withdrawnAt !== null && Date.parse(withdrawnAt) > Date.parse(endedAt);

/** All the dollars of a record. */
export const totalCostUsd = (record: Pick<ReleaseRecord, 'costUsd'>): number =>
  Object.values(record.costUsd).reduce((sum, usd) => sum + usd, 0);

/**
 * Whether its release could not write it: somebody else did, from what was left, as its workflow was lost, and could name
 * no stage that it was in.
 */
export const isOfLostRelease = ({ stage, timeline }: Pick<ReleaseRecord, 'stage' | 'timeline'>): boolean =>
  stage === 'ended' && timeline.every((one) => one.stage === null || one.stage === 'opening');
