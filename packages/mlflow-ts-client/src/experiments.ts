import { MlflowAlreadyExistsError, MlflowConflictError, MlflowNotFoundError } from './errors.js';
import type { CallOptions } from './options.js';
import { walkPages } from './paging.js';
import type { PageOptions } from './paging.js';
import { toPairs } from './schemas/common.js';
import type { Tags } from './schemas/common.js';
import { experimentAnswer, experimentCreated, experimentPage } from './schemas/experiments.js';
import type { Experiment } from './schemas/experiments.js';
import type { Transport } from './transport/http.js';

const root = '/api/2.0/mlflow/experiments';

export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

export interface CreateExperiment extends CallOptions {
  name: string;
  artifactLocation?: string | undefined;
  tags?: Tags | undefined;
}

export interface SearchExperiments extends CallOptions, PageOptions {
  /** MLflow's filter language, e.g. `name LIKE 'support%'`. */
  filter?: string | undefined;
  orderBy?: readonly string[] | undefined;
  viewType?: ViewType | undefined;
}

/** Experiments: the folders that runs and traces live in. */
export class Experiments {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Creates an experiment and returns its id.
   * @throws MlflowAlreadyExistsError also when a deleted experiment still holds the name
   */
  async create(input: CreateExperiment): Promise<{ experimentId: string }> {
    const body = { name: input.name, artifact_location: input.artifactLocation, tags: toPairs(input.tags) };
    const answer = await this.#transport.post({
      path: `${root}/create`,
      body,
      schema: experimentCreated,
      idempotent: false,
      options: input,
    });
    return { experimentId: answer.experiment_id };
  }

  /** @throws MlflowNotFoundError */
  async get(input: { experimentId: string } & CallOptions): Promise<Experiment> {
    const query = { experiment_id: input.experimentId };
    const path = `${root}/get`;
    return (await this.#transport.get({ path, query, schema: experimentAnswer, options: input })).experiment;
  }

  /** The experiment of this name, deleted ones included (see `lifecycleStage`), or null. */
  async getByName(input: { name: string } & CallOptions): Promise<Experiment | null> {
    const query = { experiment_name: input.name };
    const path = `${root}/get-by-name`;
    try {
      return (await this.#transport.get({ path, query, schema: experimentAnswer, options: input })).experiment;
    } catch (error) {
      if (error instanceof MlflowNotFoundError && error.code === 'RESOURCE_DOES_NOT_EXIST') return null;
      throw error;
    }
  }

  /**
   * The experiment of this name, created when there is none; any number of callers at once get the same one.
   * @throws MlflowConflictError when a deleted experiment holds the name: restore it or choose another
   */
  async getOrCreate(input: CreateExperiment): Promise<Experiment> {
    const found = await this.getByName(input);
    if (found !== null) return requireActive(found);
    try {
      const { experimentId } = await this.create(input);
      return await this.get({ ...input, experimentId });
    } catch (error) {
      if (!(error instanceof MlflowAlreadyExistsError)) throw error;
      const winner = await this.getByName(input);
      if (winner === null) throw error;
      return requireActive(winner);
    }
  }

  /** All experiments that match, page by page. */
  search(input: SearchExperiments = {}): AsyncGenerator<Experiment, void, undefined> {
    return walkPages(async (pageToken) => {
      const body = {
        filter: input.filter,
        order_by: input.orderBy,
        view_type: input.viewType,
        max_results: input.pageSize ?? 100,
        page_token: pageToken,
      };
      const call = { path: `${root}/search`, body, schema: experimentPage, idempotent: true, options: input };
      const page = await this.#transport.post(call);
      return { items: page.experiments, nextPageToken: page.next_page_token };
    });
  }

  /** @throws MlflowNotFoundError, MlflowAlreadyExistsError when the name is taken */
  rename(input: { experimentId: string; name: string } & CallOptions): Promise<void> {
    const body = { experiment_id: input.experimentId, new_name: input.name };
    return this.#transport.change({ path: `${root}/update`, body, options: input });
  }

  setTag(input: { experimentId: string; key: string; value: string } & CallOptions): Promise<void> {
    const body = { experiment_id: input.experimentId, key: input.key, value: input.value };
    return this.#transport.change({ path: `${root}/set-experiment-tag`, body, options: input });
  }

  /** Marks as deleted; `restore` brings it back. */
  delete(input: { experimentId: string } & CallOptions): Promise<void> {
    const body = { experiment_id: input.experimentId };
    return this.#transport.change({ path: `${root}/delete`, body, idempotent: false, options: input });
  }

  restore(input: { experimentId: string } & CallOptions): Promise<void> {
    const body = { experiment_id: input.experimentId };
    return this.#transport.change({ path: `${root}/restore`, body, idempotent: false, options: input });
  }
}

function requireActive(experiment: Experiment): Experiment {
  if (experiment.lifecycleStage === 'active') return experiment;
  throw new MlflowConflictError({
    message: `The experiment "${experiment.name}" (${experiment.experimentId}) is deleted and still holds its name: restore it, or choose another name.`,
    code: 'EXPERIMENT_DELETED',
    status: 409,
    method: 'GET',
    path: `${root}/get-by-name`,
  });
}
