import type { renderPrompt } from '../release/prompt.js';
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

type RecipeRow = { row: Pick<DataRow, 'values'>; recipe: Recipe };

/** What a row asks, as people wrote it. */
export const questionOf = ({ row, recipe }: RecipeRow): string => String(row.values[chatColumns[recipe.name].question]);

/** The answer that a row teaches; empty where it has none. */
const answerOf = ({ row, recipe }: RecipeRow): string => String(row.values[chatColumns[recipe.name].answer] ?? '');

/** Whether a row teaches a chat, which is known before anybody finds out how it will be asked. */
export const teachesChat = (taught: RecipeRow): boolean => answerOf(taught) !== '';

/** A row as the chat it teaches; null where it has no answer to teach. */
export function chatExample({
  row,
  recipe,
  asked,
  template,
}: RecipeRow & {
  /** The row's question, just as evaluation and gateway will ask it. */
  asked: ReturnType<typeof renderPrompt>;
  template: DataSpec['chatTemplate'];
}): Chat | null {
  const taught = answerOf({ row, recipe });
  if (taught === '') return null;
  const messages: Chat['messages'] = [...asked, { role: 'assistant', content: taught }];
  return template === 'base' ? { messages } : { messages, text: renderChat({ template, messages }) };
}

/** A validation row as an evaluation reads it; null where it has nothing to be held against. */
export function evaluationExample({
  row,
  recipe,
}: RecipeRow): { question: string; groundTruth: string; category: string | null } | null {
  const groundTruth = answerOf({ row, recipe });
  if (groundTruth === '') return null;
  const category = row.values['category'] ?? null;
  return {
    question: questionOf({ row, recipe }),
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
