import { z } from 'zod';

/** Something outside that belongs to no release that runs or may serve. */
export const orphanSchema = z.object({
  kind: z
    .enum(['job', 'endpoint', 'traffic', 'weights', 'stage'])
    .describe(
      'a training job that runs, a release that takes a slot, a plan that names a challenger, an adapter, a half ingest',
    ),
  model: z.string(),
  /** The job's name, the release, the plan's revision, or the keys' prefix. */
  name: z.string(),
  firstSeenAt: z.iso.datetime(),
});
export type Orphan = z.infer<typeof orphanSchema>;

export interface OrphanSweepInput {
  /** Null for every model with a lifecycle. */
  model: string | null;
  /** False only finds and says what there is. */
  remove: boolean;
  /** How long something must have been an orphan before it is removed. */
  graceMilliseconds: number;
  /** Of a sweep that goes on in a history of its own: the models that are left, and what was found so far. */
  rest?: { models: string[]; result: OrphanSweepResult };
}

export interface OrphanSweepResult {
  orphans: Orphan[];
  removed: Orphan[];
  /** Models that were not swept to the end, and why. */
  skipped: { model: string; reason: string }[];
}
