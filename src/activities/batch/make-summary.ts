import { z } from 'zod';
import { storeKeys } from '../../contracts/store-keys.js';
import { parseJson } from '../../domain/parse-json.js';
import { canonicalJson } from '../../domain/release/evidence.js';
import { renderPrompt, type Prompt } from '../../domain/release/prompt.js';
import type { Target } from '../../domain/rollout/traffic-plan.js';
import { inputDigestOf } from '../../domain/summaries/question.js';
import { type ReplyFormat, replyFormatOf } from '../../domain/summaries/reply-format.js';
import { readSummary, repairQuestion, type SummaryReply, summaryReplySchema } from '../../domain/summaries/summary.js';
import { cancellationSignal, throwIfCancelled } from '../heartbeat.js';
import { type ChatMessage, type ChatReply, PortError, type Ports } from '../ports.js';
import type { Timing } from '../judging/pacer.js';
import type { Gate } from './gate.js';
import { throughOutage } from './through-outage.js';

const madeSchema = z.object({
  /** What the model said last; null where it took no question. */
  reply: z.string().nullable(),
  summary: summaryReplySchema.nullable(),
  /** Why there is none. */
  problem: z.string().nullable(),
  repaired: z.boolean(),
  calls: z.number().int(),
  /** Replies that were asked for in a format that the endpoint does not take. */
  unformatted: z.number().int().default(0),
  promptTokens: z.number().int(),
  completionTokens: z.number().int(),
  milliseconds: z.number(),
});

/** What one release made of an item's reviews. */
export type Made = z.infer<typeof madeSchema> & { inputDigest: string; stored: boolean };

export interface Asked {
  target: Target;
  prompt: Prompt;
  question: string;
  /** How many reviews the question shows. */
  reviews: number;
}

interface Sent {
  messages: ChatMessage[];
  format: ReplyFormat | null;
  arm: keyof typeof patience;
}

/** How often an endpoint that is away or overloaded is asked about one item before the chunk is given back. */
const patience = { champion: 8, challenger: 2 };

/**
 * Asks releases for summaries, each question once in the life of a store: what was answered is stored before anything is
 * made of it, so that a worker that dies repeats only what was under way.
 */
export function summaryMaker({
  store,
  chat,
  model,
  gate,
  timing,
}: Pick<Ports, 'store' | 'chat'> & {
  model: string;
  gate: Gate;
  timing: Timing;
}): (asked: Asked & { arm: keyof typeof patience }) => Promise<Made> {
  async function call({ target, prompt, messages, format, arm }: Asked & Sent): Promise<ChatReply> {
    for (let attempt = 1; ; attempt += 1) {
      throwIfCancelled();
      try {
        return await gate.run(() =>
          chat.complete({
            ...{ endpoint: target.endpoint, model: target.adapter, messages, maxTokens: prompt.maxTokens },
            ...{ temperature: prompt.temperature, signal: cancellationSignal() },
            ...(format && { replyFormat: format }),
          }),
        );
      } catch (error) {
        throwIfCancelled();
        const failure = asFailure({ error, target });
        if (!failure.retryable || attempt >= patience[arm]) throw failure;
      }
    }
  }

  /** Null where the endpoint takes no such question, for its length for instance; `refused` says why. */
  async function reply(
    asked: Asked & Sent,
  ): Promise<{ reply: ChatReply; refused: null } | { reply: null; refused: string }> {
    try {
      return { reply: await call(asked), refused: null };
    } catch (error) {
      if (!(error instanceof PortError) || error.type !== 'InvalidInput') throw error;
      return { reply: null, refused: error.message };
    }
  }

  async function ask(asked: Asked & { arm: keyof typeof patience }): Promise<z.infer<typeof madeSchema>> {
    const { prompt, question, reviews } = asked;
    const format = replyFormatOf({ prompt, query: question });
    const first = await reply({ ...asked, format, messages: renderPrompt({ prompt, query: question }) });
    if (first.reply === null) return madeOf({ format, replies: [], summary: null, problem: first.refused });
    const read = readSummary({ reply: first.reply.text, reviews });
    if (read.problem === null) return madeOf({ format, replies: [first.reply], ...read });
    // In place of the question, not after the reply: a small context has no room for both.
    const again = renderPrompt({ prompt, query: `${question}\n\n${repairQuestion(read)}` });
    const second = await reply({ ...asked, format, messages: again });
    if (second.reply === null) {
      const problem = `${read.problem}; asked to mend it: ${second.refused}`;
      return madeOf({ format, replies: [first.reply], summary: null, problem });
    }
    const replies = [first.reply, second.reply];
    return madeOf({ format, replies, ...readSummary({ reply: second.reply.text, reviews }) });
  }

  return async (asked) => {
    const { prompt, question, target } = asked;
    const inputDigest = inputDigestOf({ question, prompt, releaseId: target.releaseId });
    const key = `${storeKeys.batchAnswers({ model })}${inputDigest.slice(0, 2)}/${inputDigest}.json`;
    const stored = await throughOutage({ timing, work: () => store.get({ key }) });
    const known = stored && madeSchema.safeParse(parseJson(Buffer.from(stored.body).toString('utf8')));
    if (known?.success) return { ...known.data, inputDigest, stored: true };
    const made = await ask(asked);
    const body = Buffer.from(canonicalJson(made));
    await throughOutage({ timing, work: () => store.put({ key, body }) });
    return { ...made, inputDigest, stored: false };
  };
}

function madeOf({
  format,
  replies,
  summary,
  problem,
}: {
  format: ReplyFormat | null;
  replies: readonly ChatReply[];
  summary: SummaryReply | null;
  problem: string | null;
}): z.infer<typeof madeSchema> {
  const sum = (count: (reply: ChatReply) => number): number => replies.reduce((all, reply) => all + count(reply), 0);
  return {
    ...{ reply: replies.at(-1)?.text ?? null, summary, problem, repaired: replies.length > 1 && summary !== null },
    calls: Math.max(1, replies.length),
    unformatted: format === null ? 0 : replies.filter(({ inFormat }) => !inFormat).length,
    promptTokens: sum(({ promptTokens }) => promptTokens),
    completionTokens: sum(({ completionTokens }) => completionTokens),
    milliseconds: sum(({ milliseconds }) => milliseconds),
  };
}

/** A release that is not served now may be again: its adapter is loaded anew after a restart of the server. */
function asFailure({ error, target }: { error: unknown; target: Target }): PortError {
  if (!(error instanceof PortError)) throw error;
  if (error.type !== 'NotFound') return error;
  return new PortError('Unavailable', `${target.adapter} is not served at the moment: ${error.message}`, 2000, {
    cause: error,
  });
}
