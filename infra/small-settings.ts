import { z } from 'zod';
import { parsed, settingsSchema } from './settings.js';

/** The small deployment: a store, and the gateway as a function of Lambda before releases on Bedrock (docs/lambda.md). */
export const smallSettingsSchema = z.strictObject({
  name: settingsSchema.shape.name,
  account: settingsSchema.shape.account,
  region: settingsSchema.shape.region,
  /** The folder that `npm run lambda` has packed, with keys.json in it; from `infra/cdk`. */
  package: z.string().min(1).default('../../dist-lambda'),
  /**
   * Requests at once, which are then kept for it alone; null shares the account's, of which Lambda keeps 100 for whoever
   * has no number of its own.
   */
  atOnce: z.number().int().positive().nullable().default(null),
});
export type SmallSettings = z.output<typeof smallSettingsSchema>;

/** Reads a settings file. Throws an `Error` with every problem, its field and what was expected. */
export const readSmallSettings = ({ path, content }: { path: string; content: unknown }): SmallSettings =>
  parsed({ schema: smallSettingsSchema, path, content });
