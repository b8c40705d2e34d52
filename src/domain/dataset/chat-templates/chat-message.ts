import { DataProblem } from '../data-problem.js';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** Writes a chat as the text that a model is trained on, special tokens included. */
export type ChatTemplate = (chat: { messages: readonly ChatMessage[]; generationPrompt: boolean }) => string;

export interface AlternatingChat {
  /** The system message, trimmed; null where there is none. */
  system: string | null;
  turns: { role: 'user' | 'assistant'; content: string }[];
}

/**
 * Splits the system message off a chat whose other messages take turns, the user first, as several templates demand.
 * @throws DataProblem naming the message that stands where another role was expected
 */
export function alternating({
  messages,
  template,
}: {
  messages: readonly ChatMessage[];
  template: string;
}): AlternatingChat {
  const [first, ...others] = messages;
  const system = first?.role === 'system' ? first.content.trim() : null;
  const turns = (system === null ? messages : others).map(({ role, content }, index) => {
    const expected = index % 2 === 0 ? 'user' : 'assistant';
    if (role === expected) return { role, content };
    const position = index + (system === null ? 1 : 2);
    throw new DataProblem(
      'input',
      `message ${position} of the chat is from "${role}": template ${template} expects "${expected}" there`,
    );
  });
  return { system, turns };
}
