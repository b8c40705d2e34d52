import { z } from 'zod';
import type { ChatReply } from '../../activities/ports.js';

const citationSchema = z.object({
  content: z.string(),
  filepath: z.string().nullish(),
  url: z.string().nullish(),
  title: z.string().nullish(),
});

/** Where Azure OpenAI On Your Data, and endpoints like it, name what they retrieved. */
const messageSchema = z.object({ context: z.object({ citations: z.array(citationSchema) }) });

/** The documents that a message names, by file, address or title; nothing where it names none in a known form. */
export function retrievedDocuments(message: unknown): Pick<ChatReply, 'documents'> {
  const read = messageSchema.safeParse(message);
  if (!read.success) return {};
  const documents = read.data.context.citations.map(({ content, filepath, url, title }, index) => ({
    id: filepath ?? url ?? title ?? `document ${index + 1}`,
    text: content,
  }));
  return { documents };
}
