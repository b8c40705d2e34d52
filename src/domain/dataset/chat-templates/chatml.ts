import type { ChatTemplate } from './chat-message.js';

/** ChatML (OpenAI 2023), as Qwen and SmolLM2 use it; no system message is made up where there is none. */
export const chatml: ChatTemplate = ({ messages, generationPrompt }) =>
  messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join('') +
  (generationPrompt ? '<|im_start|>assistant\n' : '');
