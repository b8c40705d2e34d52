import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { effectivePlan, type Arm } from '../domain/rollout/traffic-plan.js';
import { assignItem } from '../domain/summaries/seen-item.js';
import { summaryVersion, type StoredSummary } from '../domain/summaries/stored-summary.js';
import { keyOf, requireScope } from './authentication.js';
import type { GatewayContext } from './context.js';
import { HttpError } from './http-error.js';
import type { ModelState } from './plan-reader.js';
import { acceptedSchema, errorSchema, refusalSchemas } from './schemas.js';
import { familyQuerySchema, itemParametersSchema, summaryFeedbackSchema, summarySchema } from './summary-schemas.js';

/** `GET /items/:item/summary` from the cache, and what people think of it. No release is asked anything. */
export function addSummaryRoutes({ app, context }: { app: FastifyInstance; context: GatewayContext }): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const shared = {
    tags: ['summaries'],
    security: [{ apiKey: [] }],
    params: itemParametersSchema,
    querystring: familyQuerySchema,
  };
  const unknown = errorSchema.describe('the item has no summary');

  typed.get(
    '/items/:item/summary',
    {
      onRequest: requireScope({ scope: 'query', ...context }),
      onSend: (request, reply, payload, done) => {
        const tag = reply.statusCode === 200 ? tagOf(String(payload)) : null;
        if (tag !== null) void reply.header('etag', tag);
        const known = tag !== null && isKnown({ header: request.headers['if-none-match'], tag });
        if (known) void reply.code(304);
        done(null, known ? null : payload);
      },
      schema: {
        ...shared,
        summary: 'The summary of an item',
        response: {
          200: summarySchema,
          304: z.null().describe('the caller has this text already, as if-none-match says'),
          ...refusalSchemas,
          404: unknown,
        },
      },
    },
    async (request, reply) => {
      const summary = await summaryFor({ context, request, ...request.params, ...request.query });
      count({ context, summary });
      void reply.headers({
        'cache-control': 'private, no-cache',
        'x-model-id': headerText(summary.model),
        'x-release-id': headerText(summary.release),
      });
      return shownOf(summary);
    },
  );
  typed.post(
    '/items/:item/summary/feedback',
    {
      onRequest: requireScope({ scope: 'feedback', ...context }),
      schema: {
        ...shared,
        summary: 'Say whether a summary helped',
        body: summaryFeedbackSchema,
        response: {
          200: acceptedSchema,
          ...refusalSchemas,
          404: unknown,
          409: errorSchema.describe('the item has another summary by now'),
        },
      },
    },
    async (request) => {
      const summary = await summaryFor({ context, request, ...request.params, ...request.query });
      const { version, helpful, user, comment } = request.body;
      if (version !== summaryVersion(summary))
        throw new HttpError(
          409,
          'version: the item has another summary by now; what was said of the old one is not counted',
        );
      return { counted: note({ context, request, summary, version, helpful, user, comment }) };
    },
  );
}

async function summaryFor({
  context,
  request,
  item,
  family,
}: {
  context: GatewayContext;
  request: FastifyRequest;
  item: string;
  family?: string | undefined;
}): Promise<StoredSummary> {
  const summary = await context.summaries.read({ family: family ?? ownFamily({ context, request }), item });
  if (summary !== null) return summary;
  throw new HttpError(404, 'the item has no summary; its reviews may be too few, or not be summarised yet');
}

/** The family that the API key's default model belongs to; the model itself where it has none. */
function ownFamily({ context, request }: { context: GatewayContext; request: FastifyRequest }): string {
  const { defaultModel, id } = keyOf(request);
  if (defaultModel === null)
    throw new HttpError(400, `family: the API key ${id} has no default model; name the family of models`);
  return context.plans.state(defaultModel)?.family ?? defaultModel;
}

/** What callers are shown, the same bytes for as long as the text is the same. */
const shownOf = (summary: StoredSummary): z.infer<typeof summarySchema> => {
  const { item, family, model, release, label, language, pros, cons, summary: text, sources, reviews } = summary;
  const version = summaryVersion(summary);
  return {
    ...{ item, family, model, release, label, language, pros, cons, summary: text, sources, reviews },
    ...{ generatedAt: summary.generatedAt, version },
  };
};

interface Standing {
  state: ModelState;
  revision: number;
  arm: Arm;
  bucket: number;
  /** Whether the challenger that the plan names failed at this item. */
  failed: boolean;
}

/** Where a summary stands in the plan as it holds now; null for one of a release that the plan gives the item to no more. */
function standingOf({ context, summary }: { context: GatewayContext; summary: StoredSummary }): Standing | null {
  const state = context.plans.state(summary.model);
  if (state === null) return null;
  const plan = effectivePlan({ plan: state.plan, now: new Date(context.clock()).toISOString() });
  const { arm, bucket } = assignItem({ plan, item: summary.item });
  const target = arm === 'challenger' ? plan.challenger! : plan.champion;
  const failed = arm === 'challenger' && summary.failedRelease === target.releaseId;
  if (plan.lapsed || (summary.release !== target.releaseId && !failed)) return null;
  return { state, revision: plan.revision, arm, bucket, failed };
}

/** An item that is looked at is a request of its bucket: guards compare what the arms' summaries lead to. */
function count({ context, summary }: { context: GatewayContext; summary: StoredSummary }): void {
  const standing = standingOf({ context, summary });
  if (standing === null) return;
  const { state, revision, arm, bucket, failed } = standing;
  const slow = !failed && summary.milliseconds > state.slowMilliseconds;
  const events = [...(failed ? ['error'] : []), ...(slow ? ['slow'] : [])];
  context.recorder.attempt({
    ...{ model: summary.model, revision, arm, bucket, events },
    milliseconds: summary.milliseconds,
  });
}

function note(input: {
  context: GatewayContext;
  request: FastifyRequest;
  summary: StoredSummary;
  version: string;
  helpful: boolean;
  user: string | undefined;
  comment: string | undefined;
}): boolean {
  const { context, request, summary, version, helpful, user, comment } = input;
  const keyId = keyOf(request).id;
  const first = context.book.first({ about: [keyId, version, user ?? ''].join('\0'), statement: 'helpful' });
  const standing = standingOf({ context, summary });
  if (!first) return false;
  const event = helpful ? 'thumbsUp' : 'thumbsDown';
  const { model } = summary;
  const state = context.plans.state(model);
  if (state !== null)
    context.log.append({
      line: {
        ...{ kind: 'summaryFeedback', id: version, item: summary.item, release: summary.release, user: user ?? null },
        ...{ at: new Date(context.clock()).toISOString(), model, keyId, event, value: null, comment: comment ?? null },
      },
      policy: { spec: state.requestLog, salt: state.plan.salt },
    });
  if (standing === null) return false;
  const { revision, arm, bucket } = standing;
  context.recorder.event({ model, revision, arm, event, bucket });
  context.metrics.said({ model, revision, arm, event, plan: standing.state.plan });
  return true;
}

const tagOf = (body: string): string => `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;

/** `if-none-match` by weak comparison, as RFC 9110 (section 13.1.2) says for GET. */
const isKnown = ({ header, tag }: { header: string | undefined; tag: string }): boolean =>
  header !== undefined &&
  (header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag));

/** Names of models are plain; a stored text that is not must not end a header. */
const headerText = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '');
