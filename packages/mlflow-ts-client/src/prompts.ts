import { MlflowAlreadyExistsError, MlflowArgumentError, MlflowNotFoundError } from './errors.js';
import { quoteText } from './filters.js';
import type { ModelVersions } from './model-versions.js';
import type { CallOptions } from './options.js';
import type { PageOptions } from './paging.js';
import { promptTags, readPromptVersion, writePromptTags } from './prompt-versions.js';
import type { PromptTemplate, PromptVersion } from './prompt-versions.js';
import type { RegisteredModels } from './registered-models.js';
import type { Tags } from './schemas/common.js';
import type { RegisteredModel } from './schemas/models.js';

export interface CreatePromptVersion extends CallOptions {
  name: string;
  /** A text, or chat messages; variables are written `{{name}}`. */
  template: PromptTemplate;
  commitMessage?: string | undefined;
  tags?: Tags | undefined;
}

type NameCall = { name: string } & CallOptions;

const isPrompt = `tags.\`${promptTags.isPrompt}\` = 'true'`;
/** The only kind of source MLflow accepts for a prompt, which has no files. */
const placeholderSource = 'dummy-source';

/** Prompts: to MLflow, registered models with a tag, whose versions carry their text in another. */
export class Prompts {
  readonly #models: RegisteredModels;
  readonly #versions: ModelVersions;

  constructor(parts: { models: RegisteredModels; versions: ModelVersions }) {
    this.#models = parts.models;
    this.#versions = parts.versions;
  }

  /** @throws MlflowAlreadyExistsError when a prompt or a model holds the name */
  async create(
    input: NameCall & { description?: string | undefined; tags?: Tags | undefined },
  ): Promise<RegisteredModel> {
    checkName(input.name);
    return this.#models.create({ ...input, tags: { ...input.tags, [promptTags.isPrompt]: 'true' } });
  }

  /** @throws MlflowNotFoundError, MlflowArgumentError when the name belongs to a model */
  async get(input: NameCall): Promise<RegisteredModel> {
    const found = await this.#models.get(input);
    if (found.tags[promptTags.isPrompt]?.toLowerCase() === 'true') return found;
    throw new MlflowArgumentError(
      `"${input.name}" is a registered model, not a prompt: choose another name for the prompt.`,
    );
  }

  /** The prompt of this name, created when there is none; any number of callers at once get the same one. */
  async getOrCreate(input: Parameters<Prompts['create']>[0]): Promise<RegisteredModel> {
    try {
      return await this.get(input);
    } catch (error) {
      if (!(error instanceof MlflowNotFoundError)) throw error;
    }
    try {
      return await this.create(input);
    } catch (error) {
      if (!(error instanceof MlflowAlreadyExistsError)) throw error;
      return this.get(input);
    }
  }

  /** Adds a version to a prompt that exists. Not safe to repeat: see `getOrCreateVersionByTag`. */
  async createVersion(input: CreatePromptVersion): Promise<PromptVersion> {
    return readPromptVersion(await this.#versions.create(asModelVersion(input)));
  }

  /** The prompt's version with the tag, created when there is none; e.g. with the text's digest as the tag's value. */
  async getOrCreateVersionByTag(input: CreatePromptVersion & { key: string; value: string }): Promise<PromptVersion> {
    const found = await this.#versions.getOrCreateByTag({
      ...asModelVersion(input),
      key: input.key,
      value: input.value,
      also: isPrompt,
    });
    return readPromptVersion(found);
  }

  /** @throws MlflowNotFoundError */
  async getVersion(input: NameCall & { version: string }): Promise<PromptVersion> {
    return readPromptVersion(await this.#versions.get(input));
  }

  /** The version an alias points at, or null. */
  async getByAlias(input: NameCall & { alias: string }): Promise<PromptVersion | null> {
    const found = await this.#models.getByAlias(input);
    return found === null ? null : readPromptVersion(found);
  }

  setAlias(input: NameCall & { alias: string; version: string }): Promise<void> {
    return this.#models.setAlias(input);
  }

  deleteAlias(input: NameCall & { alias: string }): Promise<void> {
    return this.#models.deleteAlias(input);
  }

  /** All prompts that match, page by page. */
  search(
    input: CallOptions & PageOptions & { filter?: string | undefined } = {},
  ): AsyncGenerator<RegisteredModel, void, undefined> {
    return this.#models.search({
      ...input,
      filter: input.filter === undefined ? isPrompt : `${input.filter} AND ${isPrompt}`,
    });
  }

  /** All versions of a prompt, page by page. */
  async *searchVersions(input: NameCall & PageOptions): AsyncGenerator<PromptVersion, void, undefined> {
    const filter = `name = ${quoteText(input.name)} AND ${isPrompt}`;
    for await (const version of this.#versions.search({ ...input, filter })) yield readPromptVersion(version);
  }

  /** Deletes the prompt with all its versions, for good. */
  async delete(input: NameCall): Promise<void> {
    await this.get(input);
    await this.#models.delete(input);
  }
}

function asModelVersion(input: CreatePromptVersion) {
  return {
    ...input,
    source: placeholderSource,
    description: input.commitMessage,
    tags: { ...input.tags, ...writePromptTags(input.template) },
  };
}

function checkName(name: string): void {
  if (/^[a-zA-Z0-9_.-]+$/.test(name)) return;
  throw new MlflowArgumentError(
    `The prompt name ${JSON.stringify(name)} is not usable; expected letters, digits, "_", "." and "-".`,
  );
}
