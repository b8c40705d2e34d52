import { createHash, timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  InvokeEndpointCommand,
  InvokeEndpointWithResponseStreamCommand,
  type ResponseStream,
  type SageMakerRuntimeClient,
} from '@aws-sdk/client-sagemaker-runtime';
import { fastify, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type FailureType, PortError } from '../activities/ports.js';
import { awsFailure } from '../adapters/aws/aws-failure.js';

const statusOf: Partial<Record<FailureType, number>> = {
  InvalidInput: 400,
  NotFound: 404,
  RateLimited: 429,
  Timeout: 504,
};

const namesSchema = z.object({ endpoint: z.string(), variant: z.string() });
const bodySchema = z.looseObject({ stream: z.boolean().optional() });
/** What a model's own server answered, as SageMaker passes it on. */
const modelErrorSchema = z.object({ OriginalStatusCode: z.number(), OriginalMessage: z.string() });

/**
 * Asks variants of SageMaker's endpoints for those that speak OpenAI's protocol, as the gateway and the workers do: it
 * signs, names the variant, and changes nothing of question and answer.
 */
export function buildBridge({
  runtime,
  apiKey,
  logger,
}: {
  /** Tries nothing again by itself (`maxAttempts: 1`): who asks does. */
  runtime: SageMakerRuntimeClient;
  /** What it asks of its callers. */
  apiKey: string;
  logger?: FastifyBaseLogger;
}): FastifyInstance {
  const app = fastify({ bodyLimit: 6 * 1024 * 1024, ...(logger && { loggerInstance: logger }) });
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${apiKey}`);

  app.get('/healthz', () => ({ status: 'ok' }));
  app.post('/endpoints/:endpoint/variants/:variant/v1/chat/completions', async (request, reply) => {
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected))
      return reply.status(401).send({ error: { message: 'expected the key as Authorization: Bearer' } });
    const { endpoint: EndpointName, variant: TargetVariant } = namesSchema.parse(request.params);
    const body = bodySchema.safeParse(request.body);
    if (!body.success) return reply.status(400).send({ error: { message: 'expected a JSON object' } });
    const question = {
      EndpointName,
      TargetVariant,
      ContentType: 'application/json',
      Body: Buffer.from(JSON.stringify(request.body)),
    };
    const leaving = new AbortController();
    reply.raw.once('close', () => leaving.abort());
    const options = { abortSignal: leaving.signal };
    try {
      if (body.data.stream === true) {
        const answer = await runtime.send(new InvokeEndpointWithResponseStreamCommand(question), options);
        return await reply.type('text/event-stream').send(Readable.from(bytesOf(answer.Body!)));
      }
      const answer = await runtime.send(new InvokeEndpointCommand(question), options);
      return await reply.type(answer.ContentType ?? 'application/json').send(Buffer.from(answer.Body));
    } catch (error) {
      const said = modelErrorSchema.safeParse(error);
      if (said.success)
        return reply.status(said.data.OriginalStatusCode).type('application/json').send(said.data.OriginalMessage);
      const { type, message, retryAfterMilliseconds } = awsFailure({ what: `asking ${EndpointName}`, error });
      request.log.warn({ err: error }, 'not answered');
      if (retryAfterMilliseconds !== null) void reply.header('retry-after-ms', String(retryAfterMilliseconds));
      return reply.status(statusOf[type] ?? 503).send({ error: { message } });
    }
  });
  return app;
}

/** The bytes of an answer as they come; one that breaks off ends the connection without its last event. */
async function* bytesOf(parts: AsyncIterable<ResponseStream>): AsyncGenerator<Uint8Array> {
  for await (const { PayloadPart, ModelStreamError, InternalStreamFailure } of parts) {
    const broken = ModelStreamError ?? InternalStreamFailure;
    if (broken) throw new PortError('Unavailable', broken.message);
    if (PayloadPart?.Bytes) yield PayloadPart.Bytes;
  }
}
