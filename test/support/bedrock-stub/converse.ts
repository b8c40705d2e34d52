import { EventStreamCodec } from '@smithy/eventstream-codec';
import { ServiceError } from './service-error.js';

interface Turn {
  role: string;
  content: { text?: string }[];
}

export interface ConverseRequest {
  messages: Turn[];
  system?: { text: string }[];
  inferenceConfig?: { maxTokens?: number; temperature?: number; topP?: number; stopSequences?: string[] };
}

/** What the next answers are, where a test wants others than the model's own. */
export interface Script {
  text?: string;
  stopReason?: string;
  /** Ends a stream after so many words: with an exception of that name inside the stream, or null by a broken connection. */
  breaksAfter?: { words: number; exception: string | null };
}

export interface Answer {
  words: string[];
  stopReason: string;
  usage: { inputTokens: number; outputTokens: number; totalTokens: number };
}

const wordsOf = (text: string): string[] => text.match(/\S+\s*/g) ?? [];
const refuse = (message: string): never => {
  throw new ServiceError(400, 'ValidationException', message);
};

/** What Converse refuses of a request, and an answer that repeats the last question. */
export function answerOf({ request, script }: { request: ConverseRequest; script: Script }): Answer {
  const { messages, system = [], inferenceConfig = {} } = request;
  if (!messages || messages.length === 0) refuse('A conversation must start with a user message.');
  if (messages[0]!.role !== 'user')
    refuse(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    );
  for (const [index, { role, content }] of messages.entries()) {
    if (index > 0 && role === messages[index - 1]!.role)
      refuse(
        'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.',
      );
    for (const [block, { text }] of content.entries())
      if (text !== undefined && text.trim() === '')
        refuse(
          `The text field in the ContentBlock object at messages.${index}.content.${block} is blank. Add text to the text field, and try again.`,
        );
  }
  const { maxTokens = 512, temperature = 0 } = inferenceConfig;
  if (maxTokens < 1)
    refuse(
      `Value at 'inferenceConfig.maxTokens' failed to satisfy constraint: Member must have value greater than or equal to 1`,
    );
  if (temperature < 0 || temperature > 1)
    refuse(`Value '${temperature}' at 'inferenceConfig.temperature' failed to satisfy constraint`);
  const said = messages
    .at(-1)!
    .content.map(({ text }) => text ?? '')
    .join(' ');
  const words = wordsOf(script.text ?? `You said: ${said}`);
  const kept = words.slice(0, maxTokens);
  const inputTokens = [
    ...system.map(({ text }) => text),
    ...messages.flatMap(({ content }) => content.map(({ text }) => text ?? '')),
  ]
    .map((text) => wordsOf(text).length)
    .reduce((sum, count) => sum + count, 0);
  return {
    words: kept,
    stopReason: script.stopReason ?? (kept.length < words.length ? 'max_tokens' : 'end_turn'),
    usage: { inputTokens, outputTokens: kept.length, totalTokens: inputTokens + kept.length },
  };
}

export const wholeReply = ({ words, stopReason, usage }: Answer): unknown => ({
  output: { message: { role: 'assistant', content: [{ text: words.join('') }] } },
  stopReason,
  usage,
  metrics: { latencyMs: 12 },
});

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);

/** One frame of an event stream, as Smithy's eventStream trait lays it down. */
function frame({ kind, type, body }: { kind: 'event' | 'exception'; type: string; body: unknown }): Buffer {
  const text = (value: string) => ({ type: 'string' as const, value });
  return Buffer.from(
    codec.encode({
      headers: {
        ':message-type': text(kind),
        [kind === 'event' ? ':event-type' : ':exception-type']: text(type),
        ':content-type': text('application/json'),
      },
      body: Buffer.from(JSON.stringify(body)),
    }),
  );
}

/** The frames of ConverseStream in their order; null at the end breaks the connection. */
export function framesOf({ answer, script: { breaksAfter } }: { answer: Answer; script: Script }): (Buffer | null)[] {
  const event = (type: string, body: unknown): Buffer => frame({ kind: 'event', type, body });
  const deltas = answer.words.map((text) => event('contentBlockDelta', { contentBlockIndex: 0, delta: { text } }));
  const start = event('messageStart', { role: 'assistant' });
  if (breaksAfter !== undefined) {
    const { words, exception } = breaksAfter;
    const body = { message: 'The system broke down.' };
    return [
      start,
      ...deltas.slice(0, words),
      exception === null ? null : frame({ kind: 'exception', type: exception, body }),
    ];
  }
  return [
    start,
    ...deltas,
    event('contentBlockStop', { contentBlockIndex: 0 }),
    event('messageStop', { stopReason: answer.stopReason }),
    event('metadata', { usage: answer.usage, metrics: { latencyMs: 12 } }),
  ];
}
