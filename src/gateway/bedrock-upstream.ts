import { PortError } from '../activities/ports.js';
import { BedrockConverse, type ConversePart } from '../adapters/bedrock/bedrock-converse.js';
import { bedrockQuestion } from './bedrock-question.js';
import { type Completion, usableCompletion } from './completion.js';
import { timeLimit, type TimeLimit } from './time-limit.js';
import { asUpstreamError, type ReleaseUpstream, type UpstreamCall } from './upstream.js';
import { UpstreamError } from './upstream-error.js';

/** Asks releases on Bedrock and answers in OpenAI's form, so that nothing above knows the difference. */
export class BedrockUpstream implements Omit<ReleaseUpstream, 'close'> {
  constructor(private readonly converse = new BedrockConverse()) {}

  /**
   * One whole answer.
   * @throws UpstreamError when there is none within the time, or none that is usable
   */
  async complete(call: UpstreamCall): Promise<Completion> {
    const name = nameOf(call);
    const question = bedrockQuestion({ name, request: call.request });
    const limit = timeLimit(call);
    try {
      const asked = { ...placeOf(call), question, signal: limit.signal };
      const { text, finish, promptTokens, completionTokens } = await this.converse.complete(asked);
      const choice = { index: 0, message: { role: 'assistant', content: text }, finish_reason: finish };
      const body = { object: 'chat.completion', choices: [choice], usage: usageOf({ promptTokens, completionTokens }) };
      return usableCompletion({ name, text: JSON.stringify(body) });
    } catch (error) {
      throw upstreamErrorOf({ error, call, limit });
    } finally {
      limit.end();
    }
  }

  /**
   * A streamed answer as server-sent events. The time limits the wait for each part, the first one included, which has
   * arrived when this resolves.
   * @throws UpstreamError here before the first part, from the iteration after it
   */
  async stream(call: UpstreamCall): Promise<AsyncGenerator<Buffer>> {
    const question = bedrockQuestion({ name: nameOf(call), request: call.request });
    const limit = timeLimit(call);
    try {
      const parts = this.converse.stream({ ...placeOf(call), question, signal: limit.signal });
      const first = await parts.next();
      if (first.done) throw new UpstreamError('unusable', `${nameOf(call)}: the stream ended before it began`);
      return follow({ call, parts, first: first.value, limit });
    } catch (error) {
      limit.end();
      throw upstreamErrorOf({ error, call, limit });
    }
  }
}

async function* follow(input: {
  call: UpstreamCall;
  parts: AsyncGenerator<ConversePart>;
  first: ConversePart;
  limit: TimeLimit;
}): AsyncGenerator<Buffer> {
  const { call, parts, first, limit } = input;
  try {
    limit.pause();
    yield* eventsOf(first);
    for (;;) {
      limit.restart();
      const next = await parts.next();
      if (next.done) break;
      limit.pause();
      yield* eventsOf(next.value);
    }
    yield Buffer.from('data: [DONE]\n\n');
  } catch (error) {
    throw upstreamErrorOf({ error, call, limit });
  } finally {
    limit.abort();
  }
}

function eventsOf(part: ConversePart): Buffer[] {
  if ('text' in part) return [chunk({ choices: [{ index: 0, delta: { content: part.text }, finish_reason: null }] })];
  const end = { choices: [{ index: 0, delta: {}, finish_reason: part.finish }] };
  return [chunk(end), chunk({ choices: [], usage: usageOf(part) })];
}

const chunk = (content: Record<string, unknown>): Buffer =>
  Buffer.from(`data: ${JSON.stringify({ object: 'chat.completion.chunk', ...content })}\n\n`);

const usageOf = ({ promptTokens, completionTokens }: { promptTokens: number; completionTokens: number }) => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
});

const nameOf = ({ target }: UpstreamCall): string => `${target.adapter} at ${target.endpoint}`;

const placeOf = ({ target }: UpstreamCall): { endpoint: string; model: string } => ({
  endpoint: target.endpoint,
  model: target.adapter,
});

/** What Bedrock says about the request itself is the caller's to mend, as an endpoint's 400 is. */
function upstreamErrorOf({
  error,
  call,
  limit,
}: {
  error: unknown;
  call: UpstreamCall;
  limit: TimeLimit;
}): UpstreamError {
  if (error instanceof PortError && error.type === 'InvalidInput')
    return new UpstreamError('status', error.message, 400, { cause: error });
  if (error instanceof PortError && error.type === 'Timeout')
    return new UpstreamError('timeout', error.message, null, { cause: error });
  return asUpstreamError({ error, call, timedOut: limit.timedOut() });
}
