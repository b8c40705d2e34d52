import type { Prompt } from '../release/prompt.js';
import { mostPoints } from './summary.js';

/** The shape that an endpoint holds an answer to: a JSON Schema and its name, of letters and "_". */
export interface ReplyFormat {
  name: string;
  schema: Record<string, unknown>;
}

/** How `questionOf` names reviews: each at the begin of a line of its own. */
const label = /^\[([1-9]\d{0,5})\] /gm;

/** OpenAI takes 1,000 values of enums a schema; nobody sums up more reviews at once. */
const mostSources = 1000;

const points = { type: 'array', items: { type: 'string' }, maxItems: mostPoints };

/**
 * The format that a release must answer a question in; null where any text will do, or the question shows no review. Whoever
 * asks releases asks by this function (batch, evaluation, gateway, load and smoke), so that what is measured is what is
 * served. The schema keeps to what vLLM and OpenAI both take: neither takes `uniqueItems`, and OpenAI no lengths of texts.
 */
export function replyFormatOf({ prompt, query }: { prompt: Pick<Prompt, 'reply'>; query: string }): ReplyFormat | null {
  if (prompt.reply !== 'summary') return null;
  const sources = [...new Set([...query.matchAll(label)].map(([, number]) => Number(number)))];
  if (sources.length === 0 || sources.length > mostSources) return null;
  const properties = {
    pros: points,
    cons: points,
    summary: { type: 'string' },
    sources: {
      type: 'array',
      items: { type: 'integer', enum: sources },
      minItems: 1,
      maxItems: sources.length,
    },
  };
  return {
    name: 'summary',
    schema: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
  };
}
