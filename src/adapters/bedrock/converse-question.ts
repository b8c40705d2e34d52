import type { ConverseCommandInput, Message } from '@aws-sdk/client-bedrock-runtime';
import type { ChatMessage } from '../../activities/ports.js';

/** A question without tools; what is null or left out is the model's own default. */
export interface ConverseQuestion {
  messages: readonly ChatMessage[];
  maxTokens: number | null;
  temperature: number | null;
  topP?: number;
  stop?: readonly string[];
}

/**
 * The request of Converse and ConverseStream. System texts stand by themselves there, and turns alternate, so that
 * messages of one role in a row become blocks of one turn (Amazon Bedrock API Reference, Converse, Message).
 */
export function converseInput({
  modelId,
  question: { messages, maxTokens, temperature, topP, stop },
}: {
  modelId: string;
  question: ConverseQuestion;
}): ConverseCommandInput {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => ({ text: content }));
  const turns: (Message & { content: { text: string }[] })[] = [];
  for (const { role, content } of messages) {
    if (role === 'system') continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push({ text: content });
    else turns.push({ role, content: [{ text: content }] });
  }
  return {
    modelId,
    messages: turns,
    ...(system.length > 0 && { system }),
    inferenceConfig: {
      ...(maxTokens !== null && { maxTokens }),
      ...(temperature !== null && { temperature }),
      ...(topP !== undefined && { topP }),
      ...(stop !== undefined && { stopSequences: [...stop] }),
    },
  };
}
