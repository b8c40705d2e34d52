import type { ReplyFormat } from '../../domain/summaries/reply-format.js';

/** OpenAI's Structured Outputs, which vLLM takes too: what asks for a format; nothing where none is wanted. */
export const formatAsked = (format: ReplyFormat | undefined) =>
  format === undefined
    ? {}
    : { response_format: { type: 'json_schema' as const, json_schema: { ...format, strict: true } } };
