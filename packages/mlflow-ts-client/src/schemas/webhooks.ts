import { z } from 'zod';
import { integer, pageToken } from './common.js';

const event = z
  .object({ entity: z.string(), action: z.string() })
  .transform(({ entity, action }) => `${entity}.${action}`.toLowerCase());

export const webhook = z
  .object({
    webhook_id: z.string(),
    name: z.string(),
    url: z.string(),
    events: z.array(event).default([]),
    description: z.string().default(''),
    status: z.string().default('ACTIVE'),
    creation_timestamp: integer.optional(),
    last_updated_timestamp: integer.optional(),
  })
  .transform((raw) => ({
    webhookId: raw.webhook_id,
    name: raw.name,
    url: raw.url,
    /** As MLflow's documentation writes them, such as `model_version_alias.created`. */
    events: raw.events,
    description: raw.description,
    /** `ACTIVE` or `DISABLED`. */
    status: raw.status,
    /** Milliseconds since 1970. */
    createdAt: raw.creation_timestamp,
    /** Milliseconds since 1970. */
    updatedAt: raw.last_updated_timestamp,
  }));
export type Webhook = z.output<typeof webhook>;

export const webhookAnswer = z.object({ webhook });
export const webhookPage = z.object({ webhooks: z.array(webhook).default([]), next_page_token: pageToken });

export const webhookTestAnswer = z.object({
  result: z
    .object({
      success: z.boolean().default(false),
      response_status: z.number().optional(),
      response_body: z.string().optional(),
      error_message: z.string().optional(),
    })
    .transform((raw) => ({
      success: raw.success,
      /** HTTP status of the receiver; absent where it gave no answer. */
      status: raw.response_status,
      body: raw.response_body,
      error: raw.error_message,
    })),
});
export type WebhookTest = z.output<typeof webhookTestAnswer>['result'];
