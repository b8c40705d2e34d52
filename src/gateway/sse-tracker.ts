import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { usageSchema } from './completion.js';
import { parseJson } from '../domain/parse-json.js';

const chunkSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        delta: z.looseObject({ content: z.string().nullish(), tool_calls: z.array(z.unknown()).nullish() }).nullish(),
      }),
    )
    .nullish(),
  usage: usageSchema,
  error: z.unknown().optional(),
});

/** Reads along in a stream of server-sent events that passes through: its text, its tokens, and how it ended. */
export class SseTracker {
  text = '';
  promptTokens = 0;
  completionTokens = 0;
  /** Whether the stream closed itself with `[DONE]`. */
  finished = false;
  /** What the endpoint reported inside the stream. */
  failure: string | null = null;
  private calledTools = false;
  private rest = '';
  private readonly decoder = new StringDecoder('utf8');

  push(chunk: Uint8Array): void {
    const lines = (this.rest + this.decoder.write(Buffer.from(chunk))).split('\n');
    this.rest = lines.pop() ?? '';
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
    if (delta?.tool_calls?.length) this.calledTools = true;
    if (usage) {
      this.promptTokens = usage.prompt_tokens;
      this.completionTokens = usage.completion_tokens;
    }
  }
}
