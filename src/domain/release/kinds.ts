import { z } from 'zod';

/** What moves in a release. All but `training` keep the champion's adapter and skip training, never evaluation. */
export const releaseKindSchema = z.enum(['training', 'prompt', 'index', 'serving']);
export type ReleaseKind = z.infer<typeof releaseKindSchema>;

/**
 * What a release was asked for by: a person, a service through the client library, the Schedule, an alert, drift,
 * ratings of users, or a person who moved the alias `promote`.
 */
export const triggerSchema = z.enum(['person', 'api', 'schedule', 'alert', 'drift', 'feedback', 'promotion']);
export type Trigger = z.infer<typeof triggerSchema>;

/** Whether a person stands behind it, who is not to wait for cooldowns and quiet hours. */
export const isAskedByPerson = (trigger: Trigger): boolean => trigger === 'person' || trigger === 'promotion';

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
