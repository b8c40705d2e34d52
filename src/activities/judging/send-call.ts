import { estimateTokens } from '../../domain/evaluation/judge/budget.js';
import type { JudgeMessage } from '../../domain/evaluation/judge/judge-call.js';
import type { ReplyFormat } from '../../domain/summaries/reply-format.js';
import { patienceMilliseconds } from '../../domain/evaluation/judge/pace.js';
import { cancellationSignal } from '../heartbeat.js';
import { PortError, type ChatReply } from '../ports.js';
import type { Judge } from './judge-port.js';
import type { Pacer, Timing } from './pacer.js';

/**
 * What came of a call. `of` says whose fault a missing reply is: the question's own, such as a text over the context
 * window; the judge's for now; or the judge's for every other question too.
 */
export type SentCall = { reply: ChatReply } | { reply: null; reason: string; of: 'question' | 'judge' | 'everyCall' };

const attempts: Readonly<Record<'Unavailable' | 'Conflict' | 'Timeout', number>> = {
  Unavailable: 4,
  Conflict: 4,
  Timeout: 2,
};
const firstBackoff = 500;

/**
 * Sends one call, again where that helps: after the judge's pause on 429, with backoff on 5xx, once more after a hang.
 * Rejects only when the activity is cancelled.
 */
export async function sendCall({
  judge,
  pacer,
  timing,
  model,
  messages,
  maxTokens,
  firstTokens,
  replyFormat,
}: {
  judge: Pick<Judge, 'endpoint' | 'chat'>;
  pacer: Pacer;
  timing: Timing;
  model: string;
  messages: JudgeMessage[];
  maxTokens: number;
  /** So many of the likeliest first tokens are wanted. */
  firstTokens?: number;
  replyFormat?: ReplyFormat;
}): Promise<SentCall> {
  const tokens = estimateTokens(messages) + maxTokens;
  const signal = cancellationSignal();
  let refusedSince: number | null = null;
  for (let failures = 0; ;) {
    try {
      const call = () =>
        judge.chat.complete({
          ...{ endpoint: judge.endpoint, model, messages, maxTokens, temperature: 0, signal },
          ...(firstTokens !== undefined && { firstTokens }),
          ...(replyFormat && { replyFormat }),
        });
      return { reply: await pacer.run({ tokens, call }) };
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      const { type, message: reason } = error;
      if (type === 'RateLimited') {
        refusedSince ??= timing.now();
        const waited = timing.now() - refusedSince;
        if (waited + (error.retryAfterMilliseconds ?? 0) < patienceMilliseconds) continue;
        return {
          reply: null,
          reason: `${reason}; ${waitedFor({ waited, asked: error.retryAfterMilliseconds })}`,
          of: 'everyCall',
        };
      }
      if (type === 'Unavailable' || type === 'Conflict' || type === 'Timeout') {
        failures += 1;
        if (failures >= attempts[type]) return { reply: null, reason: `${reason}; ${failures} attempts`, of: 'judge' };
        await timing.sleep(error.retryAfterMilliseconds ?? firstBackoff * 2 ** (failures - 1));
        continue;
      }
      const everyCall = type === 'Unauthorised' || type === 'NotFound';
      return { reply: null, reason, of: everyCall ? 'everyCall' : 'question' };
    }
  }
}

const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1000)} s`;

const waitedFor = ({ waited, asked }: { waited: number; asked: number | null }): string =>
  asked === null ? `for ${seconds(waited)}` : `for ${seconds(waited)}, and it asks for ${seconds(asked)} more`;
