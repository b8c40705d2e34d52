import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OutputVerdict } from '../domain/guardrails/guardrails.js';
import type { Arm, Target } from '../domain/rollout/traffic-plan.js';
import { encodeAnswerId } from './answer-id.js';
import { assign, attributionOf, type Assignment } from './assignment.js';
import { keyOf } from './authentication.js';
import { Cancellation } from './cancellation.js';
import type { GatewayContext } from './context.js';
import { HttpError, unavailable } from './http-error.js';
import type { Repeatable } from './mirror.js';
import type { ModelState } from './plan-reader.js';
import type { AnswerLine } from './request-log.js';
import { UpstreamError } from './upstream-error.js';

/** How an exchange ended. */
export interface Ending extends Pick<AnswerLine, 'promptTokens' | 'completionTokens' | 'status'> {
  servedBy: Target;
  /** What the caller got; null where there was no answer. */
  answer: string | null;
  /** What the champion said at its first attempt, for the mirror; null where another answered, or none did. */
  champion: { answer: string; latencyMs: number | null } | null;
}

/** One request on its way: who answers it, and what ends it. */
export interface Exchange {
  id: string;
  assignment: Assignment;
  /** Cancelled when the caller hangs up. */
  cancellation: Cancellation;
  /** Whether answers are looked at, so that a stream must be whole before any of it goes out. */
  watchesAnswers: boolean;
  /** Lets the model's guardrails look at a whole answer, and what goes out beside it; the first call counts. */
  guard(answer: string, reasoning?: string): Promise<OutputVerdict>;
  /** Sets the headers that say who answered. */
  sign(servedBy: Target): void;
  /** Writes the request log's line and offers the mirror its copy; the first call counts. */
  end(ending: Ending): void;
}

/**
 * Assigns a request.
 * @throws HttpError 404 for a model that is not served here, 503 without a plan, 400 and 403 for a wish of arm that
 * can't be met.
 */
export function beginExchange(input: {
  context: GatewayContext;
  request: FastifyRequest;
  reply: FastifyReply;
  model: string;
  query: string;
  user?: string | undefined;
  session?: string | undefined;
  /** All that the caller wrote, as a release is asked it. */
  texts: readonly string[];
  /** What tells this request of the key from another. */
  content: () => string;
  repeatable: Repeatable;
}): Exchange {
  const { context, request, reply, model, query, user, session, texts, content, repeatable } = input;
  const { plans, clock } = context;
  // The guardrails may have looked at its words for a while.
  if (reply.raw.destroyed) throw new HttpError(499, 'the caller hung up');
  const key = keyOf(request);
  const state = plans.state(model);
  if (!state && !plans.serves(model))
    throw new HttpError(404, `model ${model} is not served here; GET /readyz lists the models`);
  if (!state) throw unavailable(`model ${model} has no traffic plan yet; try again after its first promotion`);
  const forced = forcedArm(request);
  const now = clock();
  const mute = context.recorder.isMute({ model, revision: state.plan.revision, readAt: state.confirmedAt });
  const assignment = assign({ state, asker: { keyId: key.id, user, session, content }, forced, now, mute });
  const started = performance.now();
  const attribution = attributionOf(assignment);
  const id = encodeAnswerId({ attribution, salt: assignment.salt });
  if (session !== undefined) context.book.remember({ keyId: key.id, session, attribution });
  let ended = false;
  /** Asked for once, and there when the line is written; null where nobody looked, or could. */
  let guarding: Promise<OutputVerdict> | null = null;
  let verdict: OutputVerdict | null = null;
  const cancellation = new Cancellation();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) cancellation.cancel();
  });
  return {
    id,
    assignment,
    cancellation,
    watchesAnswers: state.guardrails.watches.output,
    guard: (answer, reasoning = '') =>
      (guarding ??= guardAnswer({ context, state, texts, answer, reasoning }).then((found) => (verdict = found))),
    sign: ({ releaseId }) => {
      void reply.header('x-model-id', model).header('x-release-id', releaseId).header('x-answer-id', id);
    },
    end: ({ servedBy, champion, ...result }) => {
      if (ended) return;
      ended = true;
      const at = new Date(now).toISOString();
      if (champion !== null && assignment.mirror !== null) {
        const { promptTokens, completionTokens } = result;
        const said = { release: servedBy.releaseId, ...champion, promptTokens, completionTokens };
        const answered = { id, at, assignment, query, repeatable, champion: said };
        reply.raw.once('finish', () => context.mirror.offer(answered));
      }
      const line = {
        kind: 'answer' as const,
        id,
        at,
        model,
        release: servedBy.releaseId,
        revision: assignment.revision,
        arm: assignment.arm,
        bucket: assignment.bucket,
        counted: assignment.counted,
        keyId: key.id,
        user: user ?? null,
        session: session ?? null,
        query,
        guardrail: verdict === null || verdict.action === 'pass' ? null : verdict.guardrail,
        milliseconds: Math.round((performance.now() - started) * 10) / 10,
        ...result,
      };
      context.log.append({ line, policy: { spec: state.requestLog, salt: assignment.salt } });
    },
  };
}

async function guardAnswer(input: {
  context: GatewayContext;
  state: ModelState;
  texts: readonly string[];
  answer: string;
  reasoning: string;
}): Promise<OutputVerdict> {
  const { context, state, texts, answer, reasoning } = input;
  // A call of tools has no text to look at.
  if (!state.guardrails.watches.output || (answer === '' && reasoning === '')) return { action: 'pass' };
  const verdict = await state.guardrails.checkOutput({ texts, answer, reasoning });
  if (verdict.action !== 'pass') context.metrics.guarded({ model: state.plan.model, stage: 'output', ...verdict });
  return verdict;
}

/** The model of a request that names none. */
export function defaultModelOf(request: FastifyRequest): string {
  const { defaultModel, id } = keyOf(request);
  if (defaultModel === null)
    throw new HttpError(400, `the API key ${id} has no default model; ask /models/<model>/query instead`);
  return defaultModel;
}

/** Ends an exchange that brought no answer and returns what to tell the caller. */
export function endWithout({
  exchange,
  error,
  request,
}: {
  exchange: Exchange;
  error: unknown;
  request: FastifyRequest;
}): unknown {
  const told = toldToCaller({ error, aborted: exchange.cancellation.cancelled });
  const status = told instanceof HttpError ? told.statusCode : 500;
  const { target, arm, revision } = exchange.assignment;
  exchange.end({ servedBy: target, answer: null, champion: null, promptTokens: 0, completionTokens: 0, status });
  if (status >= 500) request.log.warn({ err: error, release: target.releaseId, arm, revision }, 'no answer');
  return told;
}

/** Addresses and replies of endpoints are for the log alone. */
function toldToCaller({ error, aborted }: { error: unknown; aborted: boolean }): unknown {
  if (aborted) return new HttpError(499, 'the caller hung up');
  if (!(error instanceof UpstreamError)) return error;
  if (error.callerStatus === 413) return new HttpError(413, 'the release says that the request is too large');
  if (error.callerStatus !== null)
    return new HttpError(400, 'the release can not take this request; it may be too long');
  return unavailable('no release could answer in time; try again');
}

function forcedArm(request: FastifyRequest): Arm | null {
  const wish = request.headers['x-understudy-arm'];
  if (wish === undefined) return null;
  const { id, scopes } = keyOf(request);
  if (!scopes.includes('test'))
    throw new HttpError(403, `x-understudy-arm needs the scope test, the API key ${id} has ${scopes.join(', ')}`);
  if (wish !== 'champion' && wish !== 'challenger')
    throw new HttpError(400, `x-understudy-arm is ${JSON.stringify(wish)}: expected champion or challenger`);
  return wish;
}
