import { z } from 'zod';

/** What moves in a release. All but `training` keep the champion's adapter and skip training, never evaluation. */
export const releaseKindSchema = z.enum(['training', 'prompt', 'index', 'serving']);
export type ReleaseKind = z.infer<typeof releaseKindSchema>;

export const outcomeSchema = z.enum(['promoted', 'rejected', 'rolledBack', 'cancelled', 'failed']);
export type Outcome = z.infer<typeof outcomeSchema>;

export const stages = [
  'opening',
  'data',
  'training',
  'evaluation',
  'deploy',
  'smoke',
  'load',
  'shadow',
  'approval',
  'canary',
  'promote',
  'bake',
  'retire',
  'recording',
  'ended',
] as const;
export const stageSchema = z.enum(stages);
export type Stage = z.infer<typeof stageSchema>;
