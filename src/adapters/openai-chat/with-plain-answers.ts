import type { AnswerStream } from '../../activities/load/answer-stream-port.js';
import { type ChatModel, PortError } from '../../activities/ports.js';
import { FormatFallback, type OnRefusedFormat } from '../format-fallback.js';

const isRefusal = (error: unknown): boolean => error instanceof PortError && error.type === 'InvalidInput';

/** Asks for a format where one is wanted, and without it where the endpoint refuses it: the reply says which. */
export function withPlainAnswers({ chat, onRefused }: { chat: ChatModel; onRefused: OnRefusedFormat }): ChatModel {
  const fallback = new FormatFallback({ onRefused });
  return {
    atOnce: (asked) => chat.atOnce?.(asked) ?? null,
    complete: async ({ replyFormat, ...asked }) => {
      if (replyFormat === undefined) return await chat.complete(asked);
      return await fallback.ask({
        place: asked,
        inFormat: () => chat.complete({ replyFormat, ...asked }),
        plain: () => chat.complete(asked),
        isRefusal,
      });
    },
  };
}

/** The same for streamed answers. */
export function withPlainStreams({
  stream,
  onRefused,
}: {
  stream: AnswerStream;
  onRefused: OnRefusedFormat;
}): AnswerStream {
  const fallback = new FormatFallback({ onRefused });
  return {
    ask: async ({ replyFormat, ...asked }) => {
      if (replyFormat === undefined) return await stream.ask(asked);
      return await fallback.ask({
        place: asked,
        inFormat: () => stream.ask({ replyFormat, ...asked }),
        plain: () => stream.ask(asked),
        isRefusal,
      });
    },
  };
}

/** What a process says once of a release that takes no format. */
export const sayRefusedFormat: OnRefusedFormat = ({ endpoint, model, reason }) =>
  void process.stderr.write(
    `${model} at ${endpoint} takes no response_format, and is asked without it for an hour: ${reason}\n`,
  );
