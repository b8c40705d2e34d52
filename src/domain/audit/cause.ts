import { z } from 'zod';
import type { PlanOwner } from '../rollout/traffic-plan.js';

/** What the audit log says of a change of plan or aliases besides the change and its reason. */
export const causeSchema = z.object({
  /** The person who asked for it; else whose step it is. */
  actor: z.string(),
  /** The release that it is about, which need not be one that serves afterwards. */
  releaseId: z.string(),
  /** Of what it rests on. */
  evidenceDigest: z.string().nullable(),
});
export type Cause = z.infer<typeof causeSchema>;

/** Who has written a plan, where no person asked for it. */
export const ownerName = ({ workflowId, epoch }: PlanOwner): string => `${workflowId}#${epoch}`;
