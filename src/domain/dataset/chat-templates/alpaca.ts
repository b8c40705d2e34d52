import { alternating, type ChatTemplate } from './chat-message.js';

const preface =
  'Below is an instruction that describes a task. Write a response that appropriately completes the request.';

/**
 * Alpaca's prompt (Taori et al. 2023, the form without input), for Llama tokenisers; turns follow each other. A system
 * message takes the place of the preface.
 */
export const alpaca: ChatTemplate = ({ messages, generationPrompt }) => {
  const { system, turns } = alternating({ messages, template: 'alpaca' });
  const written = turns.map(({ role, content }) =>
    role === 'user' ? `### Instruction:\n${content.trim()}\n\n` : `### Response:\n${content.trim()}</s>\n\n`,
  );
  return `<s>${system ?? preface}\n\n${written.join('')}${generationPrompt ? '### Response:\n' : ''}`;
};
