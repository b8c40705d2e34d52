import { planBatches } from './batches.js';
import type { LogBatchData, MetricPoint } from './batches.js';
import { MlflowArgumentError } from './errors.js';
import { quoteKey, quoteText } from './filters.js';
import type { CallOptions } from './options.js';
import { collect, walkPages } from './paging.js';
import type { PageOptions } from './paging.js';
import type { ViewType } from './experiments.js';
import { toPairs } from './schemas/common.js';
import type { Tags } from './schemas/common.js';
import { metricPage, runAnswer, runPage } from './schemas/runs.js';
import type { Metric, Run, RunStatus } from './schemas/runs.js';
import type { Transport } from './transport/http.js';

const root = '/api/2.0/mlflow/runs';

type RunCall = { runId: string } & CallOptions;

export interface CreateRun extends CallOptions {
  experimentId: string;
  name?: string | undefined;
  tags?: Tags | undefined;
  /** Milliseconds since 1970; default now. */
  startedAt?: number | undefined;
}

export interface SearchRuns extends CallOptions, PageOptions {
  experimentIds: readonly string[];
  /** MLflow's filter language, e.g. `metrics.loss < 0.2 AND params.rank = '16'`. */
  filter?: string | undefined;
  /** E.g. `['metrics.loss ASC']`. */
  orderBy?: readonly string[] | undefined;
  viewType?: ViewType | undefined;
}

export interface DatasetInput {
  name: string;
  /** At most 36 characters. */
  digest: string;
  sourceType: string;
  /** Where the data came from: a JSON text or an address. */
  source: string;
  schema?: string | undefined;
  profile?: string | undefined;
  /** E.g. `{ 'mlflow.data.context': 'training' }`. */
  tags?: Tags | undefined;
}

/** Runs: one training, evaluation or release each, with its params, metrics, tags and inputs. */
export class Runs {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Starts a run; its status is `RUNNING` until `update`. Not safe to repeat: see `getOrCreateByTag`. */
  async create(input: CreateRun): Promise<Run> {
    const startedAt = input.startedAt ?? Date.now();
    const body = {
      experiment_id: input.experimentId,
      run_name: input.name,
      start_time: startedAt,
      tags: toPairs(input.tags),
    };
    const call = { path: `${root}/create`, body, schema: runAnswer, idempotent: false, options: input };
    return (await this.#transport.post(call)).run;
  }

  /** @throws MlflowNotFoundError */
  async get(input: RunCall): Promise<Run> {
    const call = { path: `${root}/get`, query: { run_id: input.runId }, schema: runAnswer, options: input };
    return (await this.#transport.get(call)).run;
  }

  /**
   * The experiment's run that carries the tag, created when there is none: the tag is the run's idempotency key.
   * Safe for attempts one after the other, whatever became of the earlier ones. MLflow has no unique constraint on
   * runs: of attempts at the same moment each looks again after creating, keeps the earliest run and deletes its own
   * if that is another one. Should two survive all the same, every later call returns the earliest.
   */
  async getOrCreateByTag(input: CreateRun & { key: string; value: string }): Promise<Run> {
    const found = await this.#findByTag(input);
    if (found !== undefined) return found;
    const created = await this.create({ ...input, tags: { ...input.tags, [input.key]: input.value } });
    const winner = (await this.#findByTag(input)) ?? created;
    if (winner.runId !== created.runId) await this.delete({ ...input, runId: created.runId });
    return winner;
  }

  async #findByTag(input: CreateRun & { key: string; value: string }): Promise<Run | undefined> {
    const filter = `tags.${quoteKey(input.key)} = ${quoteText(input.value)}`;
    const items = this.search({
      ...input,
      experimentIds: [input.experimentId],
      filter,
      orderBy: ['attributes.start_time ASC'],
    });
    const runs = await collect({ items });
    return runs.sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0) || (a.runId < b.runId ? -1 : 1))[0];
  }

  /** Sets status, name or end. A finished status without `endedAt` ends now. */
  update(input: RunCall & { status?: RunStatus; name?: string; endedAt?: number }): Promise<void> {
    const ends = input.status === 'FINISHED' || input.status === 'FAILED' || input.status === 'KILLED';
    const endTime = input.endedAt ?? (ends ? Date.now() : undefined);
    const body = { run_id: input.runId, status: input.status, run_name: input.name, end_time: endTime };
    return this.#transport.change({ path: `${root}/update`, body, options: input });
  }

  /**
   * Logs any number of metrics, params and tags, in as few calls as MLflow's limits allow, one after the other. Safe to
   * repeat when the metrics carry timestamps. Returns the number of calls.
   * @throws MlflowArgumentError before anything is sent, MlflowInvalidParameterError when a param would change
   */
  async logBatch(input: RunCall & LogBatchData): Promise<{ calls: number }> {
    const batches = planBatches({ data: input, now: Date.now() });
    for (const batch of batches) {
      await this.#transport.change({
        path: `${root}/log-batch`,
        body: { run_id: input.runId, ...batch },
        options: input,
      });
    }
    return { calls: batches.length };
  }

  /** Logs one value of one metric. */
  async logMetric(input: RunCall & MetricPoint): Promise<void> {
    const { key, value, timestamp, step } = input;
    await this.logBatch({ ...callOf(input), metrics: [{ key, value, timestamp, step }] });
  }

  async setTag(input: RunCall & { key: string; value: string }): Promise<void> {
    await this.logBatch({ ...callOf(input), tags: { [input.key]: input.value } });
  }

  /** @throws MlflowNotFoundError when the run has no such tag */
  deleteTag(input: RunCall & { key: string }): Promise<void> {
    const body = { run_id: input.runId, key: input.key };
    return this.#transport.change({ path: `${root}/delete-tag`, body, idempotent: false, options: input });
  }

  /** Every logged value of one metric, oldest first as the server keeps them, page by page. */
  metricHistory(input: RunCall & PageOptions & { key: string }): AsyncGenerator<Metric, void, undefined> {
    return walkPages(async (pageToken) => {
      const query = {
        run_id: input.runId,
        metric_key: input.key,
        max_results: input.pageSize ?? 5000,
        page_token: pageToken,
      };
      const page = await this.#transport.get({
        path: '/api/2.0/mlflow/metrics/get-history',
        query,
        schema: metricPage,
        options: input,
      });
      return { items: page.metrics, nextPageToken: page.next_page_token };
    });
  }

  /** Notes which data went into the run; the same name and digest twice count once. */
  async logInputs(input: RunCall & { datasets: readonly DatasetInput[] }): Promise<void> {
    const long = input.datasets.find(({ digest }) => digest.length > 36);
    if (long !== undefined) {
      throw new MlflowArgumentError(
        `The digest of dataset "${long.name}" has ${long.digest.length} characters > 36, MLflow's limit.`,
      );
    }
    const datasets = input.datasets.map(({ sourceType, tags, ...dataset }) => ({
      tags: toPairs(tags),
      dataset: { ...dataset, source_type: sourceType },
    }));
    await this.#transport.change({
      path: `${root}/log-inputs`,
      body: { run_id: input.runId, datasets },
      options: input,
    });
  }

  /** All runs that match, page by page. */
  search(input: SearchRuns): AsyncGenerator<Run, void, undefined> {
    return walkPages(async (pageToken) => {
      const body = {
        experiment_ids: input.experimentIds,
        filter: input.filter,
        order_by: input.orderBy,
        run_view_type: input.viewType,
        max_results: input.pageSize ?? 100,
        page_token: pageToken,
      };
      const page = await this.#transport.post({
        path: `${root}/search`,
        body,
        schema: runPage,
        idempotent: true,
        options: input,
      });
      return { items: page.runs, nextPageToken: page.next_page_token };
    });
  }

  /** Marks as deleted; `restore` brings it back. */
  delete(input: RunCall): Promise<void> {
    return this.#transport.change({ path: `${root}/delete`, body: { run_id: input.runId }, options: input });
  }

  restore(input: RunCall): Promise<void> {
    return this.#transport.change({ path: `${root}/restore`, body: { run_id: input.runId }, options: input });
  }
}

function callOf(input: RunCall): RunCall {
  return { runId: input.runId, signal: input.signal, timeoutMs: input.timeoutMs, retries: input.retries };
}
