import type { Prompt } from '../release/prompt.js';
import { renderPrompt } from '../release/prompt.js';
import type { DataSpec } from '../spec/data-spec.js';
import { renderChat } from './chat-templates/chat-templates.js';
import type { DataRow, Scalar } from './data-row.js';
import type { Recipe } from './recipes.js';

/** A chat that is trained on; `text` is it in a template, where the spec names one. */
export interface Chat {
  messages: { role: 'system' | 'user' | 'assistant'; content: string }[];
  text?: string;
}

/** Question and answer columns by recipe. A review's own title is the only summary of it that a person wrote. */
const chatColumns: Record<Recipe['name'], { question: string; answer: string }> = {
  'support-tickets': { question: 'customer_query', answer: 'agent_response' },
  reviews: { question: 'text', answer: 'title' },
};

/** A row as the chat it teaches, asked just as evaluation and gateway will ask; null where it has no answer to teach. */
export function chatExample({
  row,
  recipe,
  prompt,
  template,
}: {
  row: Pick<DataRow, 'values'>;
  recipe: Recipe;
  prompt: Prompt;
  template: DataSpec['chatTemplate'];
}): Chat | null {
  const { question, answer } = chatColumns[recipe.name];
  const taught = String(row.values[answer] ?? '');
  if (taught === '') return null;
  const asked = renderPrompt({ prompt, query: String(row.values[question]) });
  const messages: Chat['messages'] = [...asked, { role: 'assistant', content: taught }];
  return template === 'base' ? { messages } : { messages, text: renderChat({ template, messages }) };
}

/** A validation row as an evaluation reads it; null where it has nothing to be held against. */
export function evaluationExample({
  row,
  recipe,
}: {
  row: Pick<DataRow, 'values'>;
  recipe: Recipe;
}): { question: string; groundTruth: string; category: string | null } | null {
  const { question, answer } = chatColumns[recipe.name];
  const groundTruth = String(row.values[answer] ?? '');
  if (groundTruth === '') return null;
  const category = row.values['category'] ?? null;
  return {
    question: String(row.values[question]),
    groundTruth,
    category: category === null ? null : String(category),
  };
}

/** A published row as people and later statistics read it. */
export const tableRow = ({
  row,
  cluster,
  split,
}: {
  row: DataRow;
  cluster: string;
  split: string;
}): Record<string, Scalar> => ({ ...row.values, row: row.row, split, cluster });
