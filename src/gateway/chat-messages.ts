import type { Prompt } from '../domain/release/prompt.js';
import type { Target } from '../domain/rollout/traffic-plan.js';
import { replyFormatOf } from '../domain/summaries/reply-format.js';
import type { RequestFor } from './answerer.js';
import type { Repeatable } from './mirror.js';
import { passedOn, type ChatRequest } from './schemas.js';
import type { ReleaseRequest } from './upstream.js';

type Messages = ChatRequest['messages'];

/** Who writes the caller's own program is nobody to guard against. */
const isWatched = ({ role }: Messages[number]): boolean => role !== 'system' && role !== 'developer';

/** All texts of a conversation that may come from outside, the latest last. */
export const textsOf = (messages: Messages): string[] =>
  messages.filter(isWatched).flatMap(({ content }) => {
    if (typeof content === 'string') return [content];
    return (content ?? []).flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
  });

/** The conversation with other texts in the places of those that `textsOf` gives. */
export function withTexts({ messages, texts }: { messages: Messages; texts: readonly string[] }): Messages {
  const left = [...texts];
  return messages.map((message) => {
    const { content } = message;
    if (!isWatched(message) || content === null || content === undefined) return message;
    if (typeof content === 'string') return { ...message, content: left.shift()! };
    return {
      ...message,
      content: content.map((part) => (typeof part.text === 'string' ? { ...part, text: left.shift()! } : part)),
    };
  });
}

export function lastQuestion(messages: Messages): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  return typeof content === 'string' ? content : JSON.stringify(content);
}

/** What the caller leaves open the release decides: the system message, the length, the temperature, the format. */
export function withPrompt({ body, prompt }: { body: ChatRequest; prompt: Prompt }): ReleaseRequest {
  const passed = passedOn(body);
  const addsSystem = prompt.system !== null && !body.messages.some(({ role }) => role === 'system');
  const messages = addsSystem ? [{ role: 'system', content: prompt.system }, ...body.messages] : body.messages;
  const limited = passed.max_tokens !== undefined || passed.max_completion_tokens !== undefined;
  const asked: Record<string, unknown> = { temperature: prompt.temperature, ...passed, messages };
  if (!limited) asked.max_tokens = prompt.maxTokens;
  if (passed.response_format !== undefined || passed.tools !== undefined) return { request: asked };
  return { request: asked, format: replyFormatOf({ prompt, query: lastQuestionText(body.messages) }) };
}

/** The texts of the last question, for those who look something up for it. */
export function lastQuestionText(messages: Messages): string {
  const last = messages.findLast(({ role }) => role === 'user');
  return last ? textsOf([last]).join('\n') : '';
}

/** The conversation with another text for its last question; pictures and sounds in it stay. */
export function withLastQuestion({ messages, text }: { messages: Messages; text: string }): Messages {
  const at = messages.findLastIndex(({ role }) => role === 'user');
  return messages.map((message, index) => {
    if (index !== at) return message;
    if (!Array.isArray(message.content)) return { ...message, content: text };
    const others = message.content.filter((part) => typeof part.text !== 'string');
    return { ...message, content: [{ type: 'text', text }, ...others] };
  });
}

/** What a copy of the request asks, as a whole answer. Never one with tools: a copy must not act. */
export function repeatableOf({
  body,
  requestFor,
  otherwiseOf,
}: {
  body: ChatRequest;
  /** How a release is asked a conversation. */
  requestFor: (body: ChatRequest) => RequestFor;
  otherwiseOf: (target: Target) => string | null;
}): Repeatable {
  const usesTools = ({ role, tool_calls }: Messages[number]) => role === 'tool' || tool_calls !== undefined;
  if (body.tools?.length || body.messages.some(usesTools)) return { not: 'tools' };
  const messages: { role: string; content: string }[] = [];
  for (const { role, content } of body.messages) {
    if (typeof content !== 'string') return { not: 'notText' };
    messages.push({ role, content });
  }
  const { stream, stream_options, ...whole } = body;
  return { requestFor: requestFor(whole), otherwiseOf, messages };
}
