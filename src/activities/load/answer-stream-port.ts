import type { ReplyFormat } from '../../domain/summaries/reply-format.js';
import type { ChatMessage } from '../ports.js';

/** A streamed answer with its times, in milliseconds from when it was asked for. */
export interface StreamedAnswer {
  /** Null where not a word came. */
  firstTokenMilliseconds: number | null;
  milliseconds: number;
  completionTokens: number;
}

/** Asks for streamed answers, as a load test does. Rejects with a `PortError` where no whole answer comes. */
export interface AnswerStream {
  ask(input: {
    endpoint: string;
    model: string;
    messages: ChatMessage[];
    maxTokens: number;
    signal: AbortSignal;
    /** The shape to hold the answer to, where the endpoint can. */
    replyFormat?: ReplyFormat;
  }): Promise<StreamedAnswer>;
}
