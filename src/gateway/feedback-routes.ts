import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Attribution } from './answer-id.js';
import { keyOf, requireScope } from './authentication.js';
import type { GatewayContext } from './context.js';
import { HttpError } from './http-error.js';
import type { FeedbackLine } from './request-log.js';
import { acceptedSchema, errorSchema, feedbackSchema, outcomeSchema, refusalSchemas } from './schemas.js';

/** `POST /feedback` and `POST /outcome`: what became of an answer, counted at the arm and revision that gave it. */
export function addFeedbackRoutes({ app, context }: { app: FastifyInstance; context: GatewayContext }): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const onRequest = requireScope({ scope: 'feedback', ...context });
  const unknown = errorSchema.describe('the answer is not known');
  const shared = {
    tags: ['feedback'],
    security: [{ apiKey: [] }],
    response: { 200: acceptedSchema, ...refusalSchemas, 404: unknown },
  };
  const at = () => new Date(context.clock()).toISOString();

  typed.post(
    '/feedback',
    { onRequest, schema: { ...shared, summary: 'Rate an answer', body: feedbackSchema } },
    (request) => {
      const { id, rating, comment } = request.body;
      const attribution = found(context.book.byId(id), `answer ${id}`);
      const event = rating === 'down' ? 'thumbsDown' : 'thumbsUp';
      const first = context.book.first({ about: id, statement: 'rating' });
      const line = { kind: 'feedback' as const, id, at: at(), event, value: null, comment: comment ?? null };
      return note({ context, request, attribution, first, line });
    },
  );
  typed.post(
    '/outcome',
    { onRequest, schema: { ...shared, summary: 'Say what an answer led to', body: outcomeSchema } },
    (request) => {
      const { id, session, kind, value } = request.body;
      const keyId = keyOf(request).id;
      const attribution =
        id === undefined
          ? found(context.book.bySession({ keyId, session: session! }), `a session ${session}`)
          : found(context.book.byId(id), `answer ${id}`);
      const about = id ?? (request.body.at ? `${keyId}\0${session}\0${request.body.at}` : null);
      const first = about === null || context.book.first({ about, statement: kind });
      const said = { id: id ?? null, at: request.body.at ?? at(), event: kind, value: value ?? null };
      return note({ context, request, attribution, first, line: { kind: 'outcome', comment: null, ...said } });
    },
  );
}

function note(input: {
  context: GatewayContext;
  request: FastifyRequest;
  attribution: Attribution;
  first: boolean;
  line: Omit<FeedbackLine, 'model' | 'keyId'>;
}): { counted: boolean } {
  const { context, request, attribution, first, line } = input;
  const { arm, model } = attribution;
  const counted = first && arm !== null && context.recorder.event({ ...attribution, arm, event: line.event });
  const state = context.plans.state(model);
  if (counted) context.metrics.said({ ...attribution, arm, event: line.event, plan: state?.plan ?? null });
  if (first && state !== null)
    context.log.append({
      line: { ...line, model, keyId: keyOf(request).id },
      policy: { spec: state.requestLog, salt: state.plan.salt },
    });
  return { counted };
}

function found(attribution: Attribution | null, what: string): Attribution {
  if (attribution) return attribution;
  throw new HttpError(404, `${what} is not known here; name the id that came with the answer`);
}
