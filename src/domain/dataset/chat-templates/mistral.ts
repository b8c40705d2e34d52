import { alternating, type ChatTemplate } from './chat-message.js';

/**
 * Mistral Instruct with the v3 tokeniser (Mistral 7B v0.3, Mixtral 8x22B; mistral-common 2024). A system message stands
 * before the last question. The brackets carry the generation prompt: nothing is added for it.
 */
export const mistral: ChatTemplate = ({ messages }) => {
  const { system, turns } = alternating({ messages, template: 'mistral' });
  const lastQuestion = turns.findLastIndex(({ role }) => role === 'user');
  const written = turns.map(({ role, content }, index) => {
    if (role === 'assistant') return ` ${content}</s>`;
    return `[INST] ${system !== null && index === lastQuestion ? `${system}\n\n` : ''}${content}[/INST]`;
  });
  return `<s>${written.join('')}`;
};
