import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { reasoningFields, reasoningIn, usageSchema } from './completion.js';
import { parseJson } from '../domain/parse-json.js';
import { UpstreamError } from './upstream-error.js';

const chunkSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        delta: z
          .looseObject({
            content: z.string().nullish(),
            tool_calls: z.array(z.unknown()).nullish(),
            ...reasoningFields,
          })
          .nullish(),
      }),
    )
    .nullish(),
  usage: usageSchema,
  error: z.unknown().optional(),
});

/** Far longer than a chunk of an answer; without a bound one line could take all memory and time. */
const longestLine = 1024 * 1024;

/** Reads along in a stream of server-sent events that passes through: its text, its tokens, and how it ended. */
export class SseTracker {
  text = '';
  /** What goes out beside the text. */
  reasoning = '';
  promptTokens = 0;
  completionTokens = 0;
  /** Whether the stream closed itself with `[DONE]`. */
  finished = false;
  /** What the endpoint reported inside the stream. */
  failure: string | null = null;
  private calledTools = false;
  private rest = '';
  private readonly decoder = new StringDecoder('utf8');

  /** @throws UpstreamError `broken` where a line does not end */
  push(chunk: Uint8Array): void {
    const lines = (this.rest + this.decoder.write(Buffer.from(chunk))).split('\n');
    this.rest = lines.pop() ?? '';
    if (this.rest.length > longestLine)
      throw new UpstreamError('broken', `a line of the stream is longer than ${longestLine} characters`);
    for (const line of lines) if (line.startsWith('data:')) this.event(line.slice(5).trim());
  }

  /** Whether somebody could use what came. */
  get usable(): boolean {
    return this.text.trim() !== '' || this.calledTools;
  }

  private event(data: string): void {
    if (data === '[DONE]') {
      this.finished = true;
      return;
    }
    const parsed = chunkSchema.safeParse(parseJson(data));
    if (!parsed.success) return;
    const { choices, usage, error } = parsed.data;
    if (error !== undefined) this.failure = JSON.stringify(error);
    const delta = choices?.[0]?.delta;
    this.text += delta?.content ?? '';
    if (delta) this.reasoning += reasoningIn(delta);
    if (delta?.tool_calls?.length) this.calledTools = true;
    if (usage) {
      this.promptTokens = usage.prompt_tokens;
      this.completionTokens = usage.completion_tokens;
    }
  }
}
