import { quoteKey, quoteText } from './filters.js';
import { MlflowNotFoundError } from './errors.js';
import type { CallOptions } from './options.js';
import { collect, walkPages } from './paging.js';
import type { PageOptions } from './paging.js';
import { toPairs } from './schemas/common.js';
import type { Tags } from './schemas/common.js';
import { downloadUriAnswer, modelVersionAnswer, modelVersionPage } from './schemas/models.js';
import type { ModelVersion } from './schemas/models.js';
import type { Transport } from './transport/http.js';

const root = '/api/2.0/mlflow/model-versions';

type VersionCall = { name: string; version: string } & CallOptions;

export interface CreateModelVersion extends CallOptions {
  name: string;
  /** Where the weights are. MLflow refuses local paths outside the run's artifacts; `s3://` it does not check. */
  source: string;
  runId?: string | undefined;
  description?: string | undefined;
  tags?: Tags | undefined;
}

export interface SearchModelVersions extends CallOptions, PageOptions {
  /** MLflow's filter language, e.g. `name = 'support-assistant'`. Prompts' versions are left out unless asked for. */
  filter?: string | undefined;
  orderBy?: readonly string[] | undefined;
}

export interface VersionByTag extends CreateModelVersion {
  key: string;
  value: string;
  /** A further condition of MLflow's filter language that the version must meet. */
  also?: string | undefined;
}

/** Versions of registered models. */
export class ModelVersions {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Creates the next version. Not safe to repeat: see `getOrCreateByTag`. */
  async create(input: CreateModelVersion): Promise<ModelVersion> {
    const { name, source, runId, description } = input;
    const body = { name, source, run_id: runId, description, tags: toPairs(input.tags) };
    const call = { path: `${root}/create`, body, schema: modelVersionAnswer, idempotent: false, options: input };
    return (await this.#transport.post(call)).model_version;
  }

  /** @throws MlflowNotFoundError */
  async get(input: VersionCall): Promise<ModelVersion> {
    const query = { name: input.name, version: input.version };
    const call = { path: `${root}/get`, query, schema: modelVersionAnswer, options: input };
    return (await this.#transport.get(call)).model_version;
  }

  /**
   * The model's version that carries the tag, created when there is none: the tag is the version's idempotency key.
   * The server numbers versions one after the other, so of any number of callers at once all get the lowest number;
   * the others' versions are deleted again.
   */
  async getOrCreateByTag(input: VersionByTag): Promise<ModelVersion> {
    const found = await this.#lowestByTag(input);
    if (found !== undefined) return found;
    const created = await this.create({ ...input, tags: { ...input.tags, [input.key]: input.value } });
    const winner = (await this.#lowestByTag(input)) ?? created;
    if (winner.version !== created.version) await this.#deleteOwn({ ...input, version: created.version });
    return winner;
  }

  async #lowestByTag(input: VersionByTag): Promise<ModelVersion | undefined> {
    const byTag = `name = ${quoteText(input.name)} AND tags.${quoteKey(input.key)} = ${quoteText(input.value)}`;
    const filter = input.also === undefined ? byTag : `${byTag} AND ${input.also}`;
    const versions = await collect({ items: this.search({ ...input, filter }) });
    return versions.sort((a, b) => Number(a.version) - Number(b.version))[0];
  }

  async #deleteOwn(input: VersionCall): Promise<void> {
    try {
      await this.delete(input);
    } catch (error) {
      if (!(error instanceof MlflowNotFoundError)) throw error;
    }
  }

  /** All versions that match, page by page. */
  search(input: SearchModelVersions = {}): AsyncGenerator<ModelVersion, void, undefined> {
    return walkPages(async (pageToken) => {
      const query = {
        filter: input.filter,
        max_results: input.pageSize ?? 100,
        page_token: pageToken,
        order_by: input.orderBy,
      };
      const page = await this.#transport.get({
        path: `${root}/search`,
        query,
        schema: modelVersionPage,
        options: input,
      });
      return { items: page.model_versions, nextPageToken: page.next_page_token };
    });
  }

  /** Where the version's files can be read: an `artifactUri` for `client.artifacts`, or an address of another store. */
  async getDownloadUri(input: VersionCall): Promise<string> {
    const query = { name: input.name, version: input.version };
    const call = { path: `${root}/get-download-uri`, query, schema: downloadUriAnswer, options: input };
    return (await this.#transport.get(call)).artifact_uri;
  }

  update(input: VersionCall & { description: string }): Promise<void> {
    const body = { name: input.name, version: input.version, description: input.description };
    return this.#transport.change({ method: 'PATCH', path: `${root}/update`, body, options: input });
  }

  /** Deletes the version and its aliases, for good. */
  delete(input: VersionCall): Promise<void> {
    const body = { name: input.name, version: input.version };
    return this.#transport.change({
      method: 'DELETE',
      path: `${root}/delete`,
      body,
      idempotent: false,
      options: input,
    });
  }

  setTag(input: VersionCall & { key: string; value: string }): Promise<void> {
    const body = { name: input.name, version: input.version, key: input.key, value: input.value };
    return this.#transport.change({ path: `${root}/set-tag`, body, options: input });
  }

  deleteTag(input: VersionCall & { key: string }): Promise<void> {
    const body = { name: input.name, version: input.version, key: input.key };
    return this.#transport.change({ method: 'DELETE', path: `${root}/delete-tag`, body, options: input });
  }
}
