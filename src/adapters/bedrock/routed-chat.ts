import type { AnswerStream } from '../../activities/load/answer-stream-port.js';
import { type ChatModel, PortError } from '../../activities/ports.js';
import { bedrockEndpoint, isBedrock } from './bedrock-endpoint.js';

/** What specs put before a model of Bedrock where others are asked beside it, such as the judges of a jury. */
const modelPrefix = 'bedrock:';

interface Place {
  endpoint: string;
  model: string;
}

/** Where Bedrock is asked for a model; null where another endpoint is. */
function bedrockPlace({ asked: { endpoint, model }, region }: { asked: Place; region: string | null }): Place | null {
  if (!model.startsWith(modelPrefix)) return isBedrock(endpoint) ? { endpoint, model } : null;
  const named = model.slice(modelPrefix.length);
  if (isBedrock(endpoint)) return { endpoint, model: named };
  if (region === null) throw new PortError('InvalidInput', `model ${model}: no region is set; set BEDROCK_REGION`);
  return { endpoint: bedrockEndpoint(region), model: named };
}

/** Asks models by their names and endpoints: those of Bedrock there, all others as before. */
export function routedChat({ chat, region }: { chat: ChatModel; region: string | null }): ChatModel {
  // Loaded by the first question: few processes ask Bedrock.
  let bedrock: Promise<ChatModel> | null = null;
  return {
    complete: async (asked) => {
      const place = bedrockPlace({ asked, region });
      if (place === null) return await chat.complete(asked);
      bedrock ??= import('./bedrock-chat.js').then(({ BedrockChat }) => new BedrockChat());
      return await (await bedrock).complete({ ...asked, ...place });
    },
  };
}

/** As `routedChat`, for streamed answers. */
export function routedStream({ stream, region }: { stream: AnswerStream; region: string | null }): AnswerStream {
  let bedrock: Promise<AnswerStream> | null = null;
  return {
    ask: async (asked) => {
      const place = bedrockPlace({ asked, region });
      if (place === null) return await stream.ask(asked);
      bedrock ??= import('./bedrock-stream.js').then(({ BedrockStream }) => new BedrockStream());
      return await (await bedrock).ask({ ...asked, ...place });
    },
  };
}
