import { z } from 'zod';
import type { ContaminationIndex } from './contamination-index.js';

const message = (role: z.ZodType<string>) => z.object({ role, content: z.string().trim().min(1, 'expected text') });
const answer = z.tuple([message(z.literal('assistant'))], 'expected one message of the assistant');

/** Two answers to one prompt, the preferred one first, as TRL's conversational preference sets have them. */
const pairSchema = z
  .object({
    prompt: z
      .array(message(z.enum(['system', 'user', 'assistant'])))
      .refine((messages) => messages.at(-1)?.role === 'user', 'expected a user message at the end')
      .refine((messages) => messages.slice(1).every(({ role }) => role !== 'system'), 'expected system only in front'),
    chosen: answer,
    rejected: answer,
  })
  .refine(({ chosen, rejected }) => chosen[0].content !== rejected[0].content, {
    path: ['rejected'],
    message: 'expected another text than chosen; drop the row',
  });

export interface PreferenceProblem {
  line: number;
  field: string;
  expected: string;
}

/**
 * Checks a file of preferences (JSONL) as a whole. A pair whose prompt holds a golden case is a problem as well: what
 * is learned must not be what the release is measured by, and a file that people wrote is mended by people.
 *
 * @param removeAt the overlap, 0..1, from which on a prompt is a copy of a golden case
 */
export function checkPreferences({
  text,
  golden,
  removeAt,
}: {
  text: string;
  golden: ContaminationIndex;
  removeAt: number;
}): { pairs: number; problems: PreferenceProblem[] } {
  const problems: PreferenceProblem[] = [];
  let pairs = 0;
  for (const [index, content] of text.split('\n').entries()) {
    if (content.trim() === '') continue;
    const line = index + 1;
    const found = problemsOf({ content, golden, removeAt });
    if (found.length === 0) pairs += 1;
    problems.push(...found.map((one) => ({ line, ...one })));
  }
  if (pairs === 0 && problems.length === 0)
    problems.push({ line: 1, field: '(file)', expected: 'at least one pair of answers' });
  return { pairs, problems };
}

function problemsOf({
  content,
  golden,
  removeAt,
}: {
  content: string;
  golden: ContaminationIndex;
  removeAt: number;
}): Omit<PreferenceProblem, 'line'>[] {
  let document: unknown;
  try {
    document = JSON.parse(content);
  } catch (error) {
    return [{ field: '(line)', expected: `one JSON object a line (${(error as Error).message})` }];
  }
  const parsed = pairSchema.safeParse(document);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message: expected }) => ({ field: path.join('.') || '(line)', expected }));
  const asked = parsed.data.prompt.filter(({ role }) => role === 'user').map((one) => one.content);
  const copied = golden.overlap({ texts: asked });
  if (copied === null || copied.overlap < removeAt) return [];
  const expected = `no golden case: overlap ${copied.overlap.toFixed(2)} >= ${removeAt} with case ${copied.caseId} (${copied.by}); drop the row`;
  return [{ field: 'prompt', expected }];
}
