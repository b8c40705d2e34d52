import { MlflowArgumentError } from './errors.js';

/**
 * A text as a literal of MLflow's filter language, which has no escapes: the quote that the text doesn't contain.
 * @throws MlflowArgumentError for a text with both kinds of quotes, which a filter can't express
 */
export function quoteText(text: string): string {
  if (!text.includes("'")) return `'${text}'`;
  if (!text.includes('"')) return `"${text}"`;
  throw new MlflowArgumentError(`A filter can't express ${JSON.stringify(text)}: it contains both ' and ".`);
}

/**
 * A tag, param or metric name with dots, dashes or spaces, as the filter language wants it.
 * @throws MlflowArgumentError for a name with a backtick
 */
export function quoteKey(key: string): string {
  if (!key.includes('`')) return `\`${key}\``;
  throw new MlflowArgumentError(`A filter can't express the name ${JSON.stringify(key)}: it contains a backtick.`);
}
