import type { ChatTemplate } from './chat-message.js';

const header = (role: string): string => `<|start_header_id|>${role}<|end_header_id|>\n\n`;

/** Llama 3 Instruct (Meta 2024), its own template. */
export const llama3: ChatTemplate = ({ messages, generationPrompt }) =>
  `<|begin_of_text|>${messages.map(({ role, content }) => `${header(role)}${content.trim()}<|eot_id|>`).join('')}` +
  (generationPrompt ? header('assistant') : '');
