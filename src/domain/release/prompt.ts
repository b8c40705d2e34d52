import { z } from 'zod';

/** How a release asks its model; stored as `releases/<releaseId>/prompt.json`. */
export const promptSchema = z.object({
  system: z.string().min(1).nullable().default(null),
  template: z.string().includes('{query}', { error: 'expected a text that contains {query}' }).default('{query}'),
  maxTokens: z.number().int().min(1).default(256).describe('most tokens of an answer'),
  temperature: z.number().min(0).max(2).default(0),
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
}: {
  prompt: Prompt;
  query: string;
}): { role: 'system' | 'user'; content: string }[] {
  const user = { role: 'user' as const, content: prompt.template.split('{query}').join(query) };
  return prompt.system === null ? [user] : [{ role: 'system' as const, content: prompt.system }, user];
}
