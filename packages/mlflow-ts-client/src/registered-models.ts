import { MlflowAlreadyExistsError, MlflowInvalidParameterError, MlflowNotFoundError } from './errors.js';
import type { CallOptions } from './options.js';
import { walkPages } from './paging.js';
import type { PageOptions } from './paging.js';
import { toPairs } from './schemas/common.js';
import type { Tags } from './schemas/common.js';
import { modelVersionAnswer, registeredModelAnswer, registeredModelPage } from './schemas/models.js';
import type { ModelVersion, RegisteredModel } from './schemas/models.js';
import type { Transport } from './transport/http.js';

const root = '/api/2.0/mlflow/registered-models';

export interface CreateRegisteredModel extends CallOptions {
  name: string;
  description?: string | undefined;
  tags?: Tags | undefined;
}

export interface SearchRegisteredModels extends CallOptions, PageOptions {
  /** MLflow's filter language, e.g. `name LIKE 'support%'`. Prompts are left out unless asked for. */
  filter?: string | undefined;
  orderBy?: readonly string[] | undefined;
}

type NameCall = { name: string } & CallOptions;

/** Registered models, and the aliases that name their versions. */
export class RegisteredModels {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** @throws MlflowAlreadyExistsError when a model or a prompt holds the name */
  async create(input: CreateRegisteredModel): Promise<RegisteredModel> {
    const body = { name: input.name, description: input.description, tags: toPairs(input.tags) };
    const call = { path: `${root}/create`, body, schema: registeredModelAnswer, idempotent: false, options: input };
    return (await this.#transport.post(call)).registered_model;
  }

  /** @throws MlflowNotFoundError */
  async get(input: NameCall): Promise<RegisteredModel> {
    const call = { path: `${root}/get`, query: { name: input.name }, schema: registeredModelAnswer, options: input };
    return (await this.#transport.get(call)).registered_model;
  }

  /** The model of this name, created when there is none; any number of callers at once get the same one. */
  async getOrCreate(input: CreateRegisteredModel): Promise<RegisteredModel> {
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

  /** All models that match, page by page. */
  search(input: SearchRegisteredModels = {}): AsyncGenerator<RegisteredModel, void, undefined> {
    return walkPages(async (pageToken) => {
      const query = { filter: input.filter, max_results: input.pageSize ?? 100, page_token: pageToken };
      const path = `${root}/search`;
      const page = await this.#transport.get({
        path,
        query: { ...query, order_by: input.orderBy },
        schema: registeredModelPage,
        options: input,
      });
      return { items: page.registered_models, nextPageToken: page.next_page_token };
    });
  }

  update(input: NameCall & { description: string }): Promise<void> {
    const body = { name: input.name, description: input.description };
    return this.#transport.change({ method: 'PATCH', path: `${root}/update`, body, options: input });
  }

  /** @throws MlflowNotFoundError, MlflowAlreadyExistsError when the new name is taken */
  rename(input: NameCall & { newName: string }): Promise<void> {
    const body = { name: input.name, new_name: input.newName };
    return this.#transport.change({ path: `${root}/rename`, body, idempotent: false, options: input });
  }

  /** Deletes the model with all its versions, for good. */
  delete(input: NameCall): Promise<void> {
    const body = { name: input.name };
    return this.#transport.change({
      method: 'DELETE',
      path: `${root}/delete`,
      body,
      idempotent: false,
      options: input,
    });
  }

  setTag(input: NameCall & { key: string; value: string }): Promise<void> {
    const body = { name: input.name, key: input.key, value: input.value };
    return this.#transport.change({ path: `${root}/set-tag`, body, options: input });
  }

  deleteTag(input: NameCall & { key: string }): Promise<void> {
    const body = { name: input.name, key: input.key };
    return this.#transport.change({ method: 'DELETE', path: `${root}/delete-tag`, body, options: input });
  }

  /**
   * Points an alias at a version, moving it in one step when it pointed elsewhere.
   * @throws MlflowNotFoundError when the version does not exist
   */
  setAlias(input: NameCall & { alias: string; version: string }): Promise<void> {
    const body = { name: input.name, alias: input.alias, version: input.version };
    return this.#transport.change({ path: `${root}/alias`, body, options: input });
  }

  /** Removes an alias; one that isn't there is no error. */
  deleteAlias(input: NameCall & { alias: string }): Promise<void> {
    const body = { name: input.name, alias: input.alias };
    return this.#transport.change({ method: 'DELETE', path: `${root}/alias`, body, options: input });
  }

  /** The version an alias points at, or null when the model has no such alias, or there is no such model. */
  async getByAlias(input: NameCall & { alias: string }): Promise<ModelVersion | null> {
    const query = { name: input.name, alias: input.alias };
    try {
      const call = { path: `${root}/alias`, query, schema: modelVersionAnswer, options: input };
      return (await this.#transport.get(call)).model_version;
    } catch (error) {
      if (error instanceof MlflowNotFoundError && error.code === 'RESOURCE_DOES_NOT_EXIST') return null;
      // MLflow reports a missing alias as an invalid parameter, with nothing but its words to tell it from a bad name.
      if (error instanceof MlflowInvalidParameterError && / alias .* not found/i.test(error.message)) return null;
      throw error;
    }
  }
}
