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

/** A model that nobody looks after. */
export interface UnsweptModel {
  /** Why, and what to do. */
  reason: string;
  /** When that was first seen, in ISO 8601. */
  since: string;
}

/** What belongs to no release of a model. */
export interface FoundOrphans {
  orphans: Orphan[];
  /** What nobody was told of yet. */
  fresh: Orphan[];
  /** Names `fresh`, so that another set of them is another message. */
  freshKey?: string;
  /** Where no lifecycle of the model runs; nothing is looked for then. */
  unswept?: UnsweptModel;
}

export interface OrphanSweepInput {
  /** Null for every model with a lifecycle, and those that have lost it. */
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
