import { z } from 'zod';
import { integer, pageToken, pairs } from './common.js';

export const lifecycleStage = z.enum(['active', 'deleted']);

export const experiment = z
  .object({
    experiment_id: z.string(),
    name: z.string(),
    artifact_location: z.string().default(''),
    lifecycle_stage: lifecycleStage,
    creation_time: integer.optional(),
    last_update_time: integer.optional(),
    tags: pairs,
  })
  .transform((raw) => ({
    experimentId: raw.experiment_id,
    name: raw.name,
    artifactLocation: raw.artifact_location,
    lifecycleStage: raw.lifecycle_stage,
    /** Milliseconds since 1970. */
    createdAt: raw.creation_time,
    /** Milliseconds since 1970. */
    updatedAt: raw.last_update_time,
    tags: raw.tags,
  }));

export type Experiment = z.output<typeof experiment>;

export const experimentAnswer = z.object({ experiment });
export const experimentCreated = z.object({ experiment_id: z.string() });
export const experimentPage = z.object({ experiments: z.array(experiment).default([]), next_page_token: pageToken });
