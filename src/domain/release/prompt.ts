import { z } from 'zod';

/** How a release asks its model; stored as `releases/<releaseId>/prompt.json`. */
export const promptSchema = z.object({
  system: z.string().min(1).nullable().default(null),
  template: z.string().includes('{query}', { error: 'expected a text that contains {query}' }).default('{query}'),
  maxTokens: z.number().int().min(1).default(256).describe('most tokens of an answer'),
  temperature: z.number().min(0).max(2).default(0),
  reply: z
    .enum(['text', 'summary'])
    .optional()
    .describe(
      'summary: a question that shows reviews is asked with response_format, so that the answer is a summary of these; absent: summary where the spec has a batch, else text',
    ),
});
export type Prompt = z.infer<typeof promptSchema>;

/** What holds for a release without a prompt of its own: the bare query, greedy decoding. */
export const defaultPrompt: Prompt = promptSchema.parse({});

/**
 * The messages to send for a query. Evaluation and gateway both ask through this function, so that what was measured
 * offline is what users get. The query is inserted literally: `{query}` or `$&` inside it stay as they are.
 */
export function renderPrompt({
  prompt,
  query,
  context = '',
}: {
  prompt: Prompt;
  query: string;
  /** What retrieval found, for the template's `{context}`; a line that holds nothing else goes with an empty one. */
  context?: string;
}): { role: 'system' | 'user'; content: string }[] {
  const template = context === '' ? prompt.template.replace(/^[^\S\n]*\{context\}[^\S\n]*\n/gmu, '') : prompt.template;
  const content = template.replace(/\{(query|context)\}/gu, (_, name) => (name === 'query' ? query : context));
  const user = { role: 'user' as const, content };
  return prompt.system === null ? [user] : [{ role: 'system' as const, content: prompt.system }, user];
}
