import { alpaca } from './alpaca.js';
import type { ChatMessage, ChatTemplate } from './chat-message.js';
import { chatml } from './chatml.js';
import { gemma } from './gemma.js';
import { llama3 } from './llama3.js';
import { mistral } from './mistral.js';

export const chatTemplates = { mistral, llama3, chatml, alpaca, gemma } as const satisfies Record<string, ChatTemplate>;
export type ChatTemplateName = keyof typeof chatTemplates;

/**
 * Writes a chat in a template by name. The text holds the template's special tokens, the one that opens a sequence
 * too: a tokeniser must read it without adding its own. `base` of the spec is none of these: there the messages stay as
 * they are, and the trainer applies the base model's own template.
 *
 * @param generationPrompt whether the text ends where the assistant's answer would begin
 * @throws DataProblem for a chat whose roles do not alternate, where the template demands it
 */
export const renderChat = ({
  template,
  messages,
  generationPrompt = false,
}: {
  template: ChatTemplateName;
  messages: readonly ChatMessage[];
  generationPrompt?: boolean;
}): string => chatTemplates[template]({ messages, generationPrompt });
