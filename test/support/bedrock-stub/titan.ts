import { createHash } from 'node:crypto';
import { ServiceError } from './service-error.js';

export const titanModel = 'amazon.titan-embed-text-v2:0';
const mostTokens = 8192;
const mostCharacters = 50_000;
const refuse = (message: string): never => {
  throw new ServiceError(400, 'ValidationException', message);
};

/** Vectors in which texts with words in common are near: each word adds a direction made from its digest. */
export function embed(request: { inputText?: unknown; dimensions?: number; normalize?: boolean }): unknown {
  const { inputText, dimensions = 1024, normalize = true, ...others } = request;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    refuse(
      `Malformed input request: extraneous key [${unknown}] is not permitted, please reformat your input and try again.`,
    );
  if (typeof inputText !== 'string')
    refuse('Malformed input request: required key [inputText] not found, please reformat your input and try again.');
  const text = inputText as string;
  if (text.length < 1)
    refuse('Malformed input request: expected minLength: 1, actual: 0, please reformat your input and try again.');
  if (text.length > mostCharacters)
    refuse(
      `Malformed input request: expected maxLength: ${mostCharacters}, actual: ${text.length}, please reformat your input and try again.`,
    );
  if (![256, 512, 1024].includes(dimensions))
    refuse(
      `Malformed input request: ${dimensions} is not a valid enum value, please reformat your input and try again.`,
    );
  // Some four characters a token, as the guide says of English.
  const inputTextTokenCount = Math.max(1, Math.ceil(text.length / 4.7));
  if (inputTextTokenCount > mostTokens)
    refuse(
      `400 Bad Request: Too many input tokens. Max input tokens: ${mostTokens}, request input token count: ${inputTextTokenCount}`,
    );
  const vector = new Float64Array(dimensions);
  for (const word of ['', ...(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])]) {
    const digest = createHash('sha256').update(word).digest();
    for (const [index, byte] of digest.entries()) vector[(byte * 4 + index) % dimensions]! += index % 2 === 0 ? 1 : -1;
  }
  const norm = normalize ? Math.hypot(...vector) : 1;
  return { embedding: [...vector].map((value) => value / norm), inputTextTokenCount };
}
