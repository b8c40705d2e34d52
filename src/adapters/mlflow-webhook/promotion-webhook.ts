import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { promoteAlias } from '../../activities/promotions.js';
import { parseJson } from '../../domain/parse-json.js';
import { modelNameSchema } from '../../domain/spec/model-spec.js';
import { problemOfDelivery, type DeliveryHeaders } from './delivery-signature.js';

const bodyLimitBytes = 64 * 1024;

/** The event of MLflow's that says where an alias was moved to. */
export const aliasEvent = 'model_version_alias.created';
/** Where MLflow posts to. */
export const webhookPath = '/mlflow';

const deliverySchema = z.object({
  entity: z.string(),
  action: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/** What a version must look like for anybody to be asked about it. */
const movedSchema = z.object({
  name: modelNameSchema,
  alias: z.literal(promoteAlias),
  version: z.string().regex(/^\d{1,20}$/),
});

export interface Promotion {
  model: string;
  version: string;
}

/**
 * Takes MLflow's webhook, so that the alias `promote` is seen at once. Only signed deliveries count. What one says is a
 * hint: the lifecycle looks at MLflow itself before it does anything, so that a repeated delivery is harmless.
 */
export function createPromotionWebhook({
  secret,
  tell,
  now = Date.now,
}: {
  secret: string;
  /** Tells the lifecycle of a model; false where it has none. Rejects where nobody can be told now. */
  tell: (promotion: Promotion) => Promise<boolean>;
  now?: () => number;
}): FastifyInstance {
  const server = Fastify({ bodyLimit: bodyLimitBytes, logger: false });
  // The signature is over the bytes as they came.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  server.get('/healthz', async () => ({ ok: true }));
  server.post(webhookPath, async (request, reply) => {
    const body = typeof request.body === 'string' ? request.body : '';
    const problem = problemOfDelivery({ secret, headers: request.headers as DeliveryHeaders, body, now: now() });
    if (problem !== null) return reply.code(401).send({ error: `the delivery ${problem}` });
    const delivery = deliverySchema.safeParse(parseJson(body));
    if (!delivery.success) return reply.code(400).send({ error: 'expected {"entity", "action", "data"}' });
    const { entity, action, data } = delivery.data;
    const moved = movedSchema.safeParse(data);
    if (`${entity}.${action}` !== aliasEvent || !moved.success) return { asked: false };
    const { name: model, version } = moved.data;
    try {
      return { asked: await tell({ model, version }) };
    } catch {
      return reply.code(503).header('retry-after', '5').send({ error: 'Temporal can not be told now' });
    }
  });
  return server;
}
