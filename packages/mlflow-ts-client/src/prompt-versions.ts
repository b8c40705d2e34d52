import { z } from 'zod';
import { MlflowArgumentError, MlflowResponseError } from './errors.js';
import type { ModelVersion } from './schemas/models.js';

/** The tags by which MLflow tells prompts from models. */
export const promptTags = {
  isPrompt: 'mlflow.prompt.is_prompt',
  text: 'mlflow.prompt.text',
  type: '_mlflow_prompt_type',
} as const;

const longestText = 100_000;
const variable = /\{\{\s*([a-zA-Z_][a-zA-Z0-9_]*(?:\.[a-zA-Z_][a-zA-Z0-9_]*)*)\s*\}\}/g;
const messages = z.array(z.object({ role: z.string(), content: z.string() }));

export interface PromptMessage {
  role: string;
  content: string;
}
export type PromptTemplate = string | readonly PromptMessage[];

export interface PromptVersion {
  name: string;
  version: string;
  template: PromptTemplate;
  /** The names between `{{` and `}}`, each once, in the order of their first use. */
  variables: readonly string[];
  commitMessage: string;
  /** Tags of the caller; MLflow's own are left out. */
  tags: Readonly<Record<string, string>>;
  aliases: readonly string[];
  /** Milliseconds since 1970. */
  createdAt: number | undefined;
}

/**
 * The tags that make a model version a prompt's version.
 * @throws MlflowArgumentError for a text over 100,000 characters, MLflow's limit
 */
export function writePromptTags(template: PromptTemplate): Record<string, string> {
  const text = typeof template === 'string' ? template : JSON.stringify(template);
  if (text.length > longestText) {
    throw new MlflowArgumentError(
      `The prompt has ${text.length} characters > ${longestText}, MLflow's limit: shorten it.`,
    );
  }
  return {
    [promptTags.isPrompt]: 'true',
    [promptTags.text]: text,
    [promptTags.type]: typeof template === 'string' ? 'text' : 'chat',
  };
}

function parseTemplate(version: ModelVersion, text: string): PromptTemplate {
  if (version.tags[promptTags.type] !== 'chat') return text;
  try {
    return messages.parse(JSON.parse(text));
  } catch (cause) {
    throw new MlflowResponseError({
      message: `Version ${version.version} of the prompt "${version.name}" does not hold chat messages.`,
      cause,
    });
  }
}

/** @throws MlflowArgumentError when the version is a model's, MlflowResponseError when its messages can't be read */
export function readPromptVersion(version: ModelVersion): PromptVersion {
  const text = version.tags[promptTags.text];
  if (text === undefined) {
    throw new MlflowArgumentError(
      `Version ${version.version} of "${version.name}" carries no prompt text: it is a model's version.`,
    );
  }
  const template = parseTemplate(version, text);
  const own: readonly string[] = Object.values(promptTags);
  return {
    name: version.name,
    version: version.version,
    template,
    variables: findVariables(template),
    commitMessage: version.description,
    tags: Object.fromEntries(Object.entries(version.tags).filter(([key]) => !own.includes(key))),
    aliases: version.aliases,
    createdAt: version.createdAt,
  };
}

function textsOf(template: PromptTemplate): string {
  return typeof template === 'string' ? template : template.map(({ content }) => content).join('\n');
}

function findVariables(template: PromptTemplate): string[] {
  return [...new Set([...textsOf(template).matchAll(variable)].map((match) => match[1] ?? ''))];
}

/**
 * Fills in a template's variables.
 * @throws MlflowArgumentError naming every variable without a value
 */
export function fillPrompt<Template extends PromptTemplate>(input: {
  template: Template;
  values: Readonly<Record<string, string>>;
}): Template {
  const missing = findVariables(input.template).filter((name) => !Object.hasOwn(input.values, name));
  if (missing.length > 0)
    throw new MlflowArgumentError(`The prompt has no value for ${missing.map((name) => `"${name}"`).join(', ')}.`);
  const fill = (text: string) => text.replace(variable, (_, name: string) => input.values[name] ?? '');
  const filled =
    typeof input.template === 'string'
      ? fill(input.template)
      : input.template.map((message) => ({ ...message, content: fill(message.content) }));
  return filled as Template;
}
