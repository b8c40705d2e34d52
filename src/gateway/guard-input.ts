import type { FastifyRequest } from 'fastify';
import { keyOf } from './authentication.js';
import type { GatewayContext } from './context.js';
import { HttpError, unavailable } from './http-error.js';

/**
 * Lets the model's guardrails look at what a caller wrote, the question last, and returns the texts to ask with.
 * @throws HttpError 400 with the guardrail's reason, 503 where they can't look
 */
export async function guardInput(input: {
  context: GatewayContext;
  request: FastifyRequest;
  model: string;
  /** Of the request, for the error. */
  field: string;
  texts: readonly string[];
  user?: string | undefined;
  session?: string | undefined;
}): Promise<readonly string[]> {
  const { context, request, model, field, texts, user, session } = input;
  const state = context.plans.state(model);
  if (!state?.guardrails.watches.input) return texts;
  const verdict = await state.guardrails.checkInput({ texts }).catch((error: unknown) => {
    request.log.error({ err: error, model }, 'the guardrails could not look at a question');
    throw unavailable('the guardrails can not look at the question; try again');
  });
  if (verdict.action === 'pass') return texts;
  const { action, guardrail } = verdict;
  context.metrics.guarded({ model, stage: 'input', guardrail, action });
  if (action === 'redact') return verdict.texts;
  context.log.append({
    line: {
      kind: 'refused',
      at: new Date(context.clock()).toISOString(),
      model,
      keyId: keyOf(request).id,
      user: user ?? null,
      session: session ?? null,
      query: texts.at(-1) ?? '',
      guardrail,
    },
    policy: { spec: state.requestLog, salt: state.plan.salt },
  });
  throw new HttpError(400, `${field}: ${verdict.reason}`);
}
