import { alternating, type ChatTemplate } from './chat-message.js';

/** Gemma (Google 2024). It knows no system role; as in Gemma 3's template, the system message opens the first question. */
export const gemma: ChatTemplate = ({ messages, generationPrompt }) => {
  const { system, turns } = alternating({ messages, template: 'gemma' });
  const written = turns.map(({ role, content }, index) => {
    const opening = index === 0 && system !== null ? `${system}\n\n` : '';
    return `<start_of_turn>${role === 'user' ? 'user' : 'model'}\n${opening}${content.trim()}<end_of_turn>\n`;
  });
  return `<bos>${written.join('')}${generationPrompt ? '<start_of_turn>model\n' : ''}`;
};
