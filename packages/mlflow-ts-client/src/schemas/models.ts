import { z } from 'zod';
import { integer, pageToken, pairs } from './common.js';

export const modelVersion = z
  .object({
    name: z.string(),
    version: z.union([z.string(), z.number().transform(String)]),
    creation_timestamp: integer.optional(),
    last_updated_timestamp: integer.optional(),
    description: z.string().default(''),
    source: z.string().default(''),
    run_id: z.string().default(''),
    run_link: z.string().default(''),
    status: z.string().default('READY'),
    status_message: z.string().optional(),
    user_id: z.string().default(''),
    tags: pairs,
    aliases: z.array(z.string()).default([]),
  })
  .transform((raw) => ({
    name: raw.name,
    /** MLflow's version number, as a string. */
    version: raw.version,
    /** Milliseconds since 1970. */
    createdAt: raw.creation_timestamp,
    /** Milliseconds since 1970. */
    updatedAt: raw.last_updated_timestamp,
    description: raw.description,
    source: raw.source,
    /** Absent for a version that no run made. */
    runId: raw.run_id === '' ? undefined : raw.run_id,
    runLink: raw.run_link,
    /** `READY`, `PENDING_REGISTRATION` or `FAILED_REGISTRATION`. */
    status: raw.status,
    statusMessage: raw.status_message,
    /** Who made it; null where the server does not know. */
    user: raw.user_id === '' ? null : raw.user_id,
    tags: raw.tags,
    /** Filled by `get` and `getByAlias`; MLflow's searches leave it empty. */
    aliases: raw.aliases,
  }));
export type ModelVersion = z.output<typeof modelVersion>;

const alias = z.object({ alias: z.string(), version: z.union([z.string(), z.number().transform(String)]) });

export const registeredModel = z
  .object({
    name: z.string(),
    creation_timestamp: integer.optional(),
    last_updated_timestamp: integer.optional(),
    description: z.string().default(''),
    tags: pairs,
    aliases: z.array(alias).default([]),
  })
  .transform((raw) => ({
    name: raw.name,
    /** Milliseconds since 1970. */
    createdAt: raw.creation_timestamp,
    /** Milliseconds since 1970. */
    updatedAt: raw.last_updated_timestamp,
    description: raw.description,
    tags: raw.tags,
    /** Version by alias. Filled by `get`; MLflow's search leaves it empty. */
    aliases: Object.fromEntries(raw.aliases.map((entry) => [entry.alias, entry.version])),
  }));
export type RegisteredModel = z.output<typeof registeredModel>;

export const registeredModelAnswer = z.object({ registered_model: registeredModel });
export const registeredModelPage = z.object({
  registered_models: z.array(registeredModel).default([]),
  next_page_token: pageToken,
});
export const modelVersionAnswer = z.object({ model_version: modelVersion });
export const modelVersionPage = z.object({
  model_versions: z.array(modelVersion).default([]),
  next_page_token: pageToken,
});
export const downloadUriAnswer = z.object({ artifact_uri: z.string() });
