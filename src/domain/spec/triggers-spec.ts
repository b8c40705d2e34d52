import { z } from 'zod';
import { durationSchema, milliseconds, shareSchema } from './quantities.js';
import { quietHoursSchema } from './quiet-hours.js';
import { timezoneSchema } from './timezone.js';

export const feedbackTriggerSchema = z.strictObject({
  window: durationSchema.default('PT168H').describe('how far back ratings count'),
  every: durationSchema
    .refine((every) => milliseconds(every) >= 60_000, 'expected a minute or more')
    .default('PT1H')
    .describe('how often ratings are looked at'),
  thumbsDownOver: shareSchema
    .refine((share) => share > 0 && share < 1, 'expected over 0% and under 100%')
    .describe('share of bad ratings that the whole of an interval must lie over'),
  minimumRatings: z.number().int().positive().default(50).describe('of a category; with fewer nothing is said'),
});
export type FeedbackTrigger = z.infer<typeof feedbackTriggerSchema>;

/** What asks for a release by itself, and what holds it back. */
export const triggersSpecSchema = z
  .strictObject({
    schedule: z
      .strictObject({
        cron: z.string().min(1),
        timezone: timezoneSchema,
        jitter: durationSchema.default('PT0S').describe('by how much each run may come later, at random'),
        catchUp: durationSchema
          .default('PT1H')
          .describe('how late a run may begin that was missed while Temporal was down; later ones are skipped'),
      })
      .nullable()
      .default(null),
    feedback: feedbackTriggerSchema.nullable().default(null).describe('when users rate answers of one category badly'),
    cooldown: durationSchema.default('PT0S').describe('after a release, for whatever is no person'),
    quietHours: quietHoursSchema.nullable().default(null).describe('nothing starts in them but what a person asks for'),
    monthlyBudgetUsd: z.number().positive().nullable().default(null),
  })
  .refine(({ feedback, cooldown }) => feedback === null || milliseconds(cooldown) > 0, {
    path: ['cooldown'],
    message: 'expected over 0s with triggers.feedback: the same bad ratings would else ask again and again',
  });
