import { z } from 'zod';

const chunkSchema = z.object({
  choices: z
    .array(
      z.object({ delta: z.object({ content: z.string().nullish() }).nullish(), finish_reason: z.string().nullish() }),
    )
    .default([]),
  usage: z.object({ completion_tokens: z.number() }).nullish(),
  error: z.unknown().optional(),
});

export interface ReadStream {
  firstWordAt: number | null;
  /** Chunks with text. */
  words: number;
  /** Null where the endpoint does not say. */
  completionTokens: number | null;
  /** Whether it came to its end. */
  done: boolean;
}

/** Reads a stream of chat-completion chunks (server-sent events) for its times and counts. */
export async function readSse({
  chunks,
  now,
}: {
  chunks: AsyncIterable<Uint8Array>;
  now: () => number;
}): Promise<ReadStream> {
  const read: ReadStream = { firstWordAt: null, words: 0, completionTokens: null, done: false };
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop()!;
    for (const line of lines) take(line.trim());
  }
  return read;

  function take(line: string): void {
    if (!line.startsWith('data:')) return;
    const data = line.slice('data:'.length).trim();
    if (data === '[DONE]') {
      read.done = true;
      return;
    }
    const parsed = chunkSchema.safeParse(parse(data));
    if (!parsed.success || parsed.data.error !== undefined) return;
    const { choices, usage } = parsed.data;
    if (choices.some(({ delta }) => (delta?.content ?? '') !== '')) {
      read.words += 1;
      read.firstWordAt ??= now();
    }
    if (usage) read.completionTokens = usage.completion_tokens;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
