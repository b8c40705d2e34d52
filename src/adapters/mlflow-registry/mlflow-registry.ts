import { MlflowNotFoundError, type MlflowClient, collect, quoteKey, quoteText } from 'mlflow-ts-client';
import { type DescribedVersion, type ModelRegistry, PortError } from '../../activities/ports.js';
import type { TraceRecord } from '../../activities/trace-record.js';
import { registryFailure } from './registry-failure.js';
import { spanOf } from './trace-span.js';

/** The tag that says which release a run or a model version belongs to; its idempotency key. */
export const releaseTag = 'understudy.release';

/** MLflow keeps no more of a data set's digest. */
const digestLength = 36;

/** One export is stored as a whole or not at all. */
const tracesAtOnce = 100;

/**
 * Runs, versions and aliases in MLflow. Each model has an experiment and a registered model of its name, each release
 * a run and, once it passed, a version, both found by their tag. Give a client with `retries: 0`: Temporal retries.
 *
 * MLflow has no unique constraint on runs. Attempts one after the other always find the first one's run; callers of
 * this process at the same moment share one attempt; of callers in several processes the later ones delete their own.
 */
export class MlflowRegistry implements ModelRegistry {
  readonly #client: MlflowClient;
  readonly #ensuring = new Map<string, Promise<unknown>>();

  constructor({ client }: { client: MlflowClient }) {
    this.#client = client;
  }

  ensureRun({ model, releaseId, tags }: { model: string; releaseId: string; tags: Record<string, string> }) {
    return this.#once(`run of ${releaseId}`, async () => {
      const { experimentId } = await this.#client.experiments.getOrCreate({ name: model });
      const { runId } = await this.#client.runs.getOrCreateByTag({
        experimentId,
        name: releaseId,
        key: releaseTag,
        value: releaseId,
        tags,
      });
      return { runId };
    });
  }

  logParameters({ runId, parameters }: { runId: string; parameters: Record<string, string> }): Promise<void> {
    return this.#done(`parameters of run ${runId}`, () => this.#client.runs.logBatch({ runId, params: parameters }));
  }

  /** Points carry the run's start as their time, so that a repeated call stores none twice. */
  logMetrics({ runId, metrics }: { runId: string; metrics: Record<string, number> }): Promise<void> {
    return this.#done(`metrics of run ${runId}`, async () => {
      const { startedAt: timestamp } = await this.#client.runs.get({ runId });
      const points = Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp }));
      await this.#client.runs.logBatch({ runId, metrics: points });
    });
  }

  setTags({ runId, tags }: { runId: string; tags: Record<string, string> }): Promise<void> {
    return this.#done(`tags of run ${runId}`, () => this.#client.runs.logBatch({ runId, tags }));
  }

  logDataset({
    runId,
    name,
    digest,
    source,
    rows,
  }: {
    runId: string;
    name: string;
    digest: string;
    source: string;
    rows: number;
  }): Promise<void> {
    const dataset = {
      name,
      digest: digest.slice(0, digestLength),
      sourceType: 'understudy',
      source: JSON.stringify({ uri: source }),
      profile: JSON.stringify({ rows, digest }),
      tags: { 'mlflow.data.context': 'training' },
    };
    return this.#done(`data set of run ${runId}`, () => this.#client.runs.logInputs({ runId, datasets: [dataset] }));
  }

  putArtifact({ runId, path, body }: { runId: string; path: string; body: Uint8Array }): Promise<void> {
    return this.#done(`artifact ${path} of run ${runId}`, () =>
      this.#client.artifacts.upload({ runId, path, content: body }),
    );
  }

  metricHistory({ runId, metric }: { runId: string; metric: string }): Promise<{ step: number; value: number }[]> {
    return this.#call(`metric ${metric} of run ${runId}`, async () => {
      const points = await collect({ items: this.#client.runs.metricHistory({ runId, key: metric }) });
      return points.map(({ step, value }) => ({ step, value })).sort((a, b) => a.step - b.step);
    });
  }

  logTraces({ model, runId, traces }: { model: string; runId: string; traces: readonly TraceRecord[] }): Promise<void> {
    return this.#done(`traces of run ${runId}`, async () => {
      const { experimentId } = await this.#client.experiments.getOrCreate({ name: model });
      for (let start = 0; start < traces.length; start += tracesAtOnce)
        await this.#client.traces.export({
          experimentId,
          runId,
          spans: traces.slice(start, start + tracesAtOnce).map(spanOf),
          resource: { 'service.name': 'understudy' },
        });
    });
  }

  endRun({ runId, succeeded }: { runId: string; succeeded: boolean }): Promise<void> {
    return this.#done(`end of run ${runId}`, () =>
      this.#client.runs.update({ runId, status: succeeded ? 'FINISHED' : 'FAILED' }),
    );
  }

  ensureVersion({
    model,
    releaseId,
    runId,
    tags,
  }: {
    model: string;
    releaseId: string;
    runId: string;
    tags: Record<string, string>;
  }) {
    return this.#once(`version of ${releaseId}`, async () => {
      await this.#client.registeredModels.getOrCreate({ name: model });
      const { artifactUri } = await this.#client.runs.get({ runId });
      const { version } = await this.#client.modelVersions.getOrCreateByTag({
        name: model,
        key: releaseTag,
        value: releaseId,
        source: artifactUri,
        runId,
        tags,
      });
      return { version };
    });
  }

  versionOf({ model, releaseId }: { model: string; releaseId: string }): Promise<{ version: string } | null> {
    return this.#call(`version of ${releaseId}`, async () => {
      const filter = `name = ${quoteText(model)} AND tags.${quoteKey(releaseTag)} = ${quoteText(releaseId)}`;
      const found = await collect({ items: this.#client.modelVersions.search({ filter }) });
      // The lowest, as where one is ensured.
      const [first] = found.map(({ version }) => version).sort((one, other) => Number(one) - Number(other));
      return first === undefined ? null : { version: first };
    });
  }

  setVersionTags({
    model,
    version,
    tags,
  }: {
    model: string;
    version: string;
    tags: Record<string, string>;
  }): Promise<void> {
    return this.#done(`tags of ${model} version ${version}`, async () => {
      for (const [key, value] of Object.entries(tags))
        await this.#client.modelVersions.setTag({ name: model, version, key, value });
    });
  }

  setAlias({ model, alias, version }: { model: string; alias: string; version: string }): Promise<void> {
    return this.#done(`alias ${alias} of ${model}`, () =>
      this.#client.registeredModels.setAlias({ name: model, alias, version }),
    );
  }

  removeAlias({ model, alias }: { model: string; alias: string }): Promise<void> {
    return this.#done(`alias ${alias} of ${model}`, async () => {
      // MLflow refuses to take an alias off a model that it doesn't know.
      if (await this.#client.registeredModels.getByAlias({ name: model, alias }))
        await this.#client.registeredModels.deleteAlias({ name: model, alias });
    });
  }

  describeVersion({ model, version }: { model: string; version: string }): Promise<DescribedVersion | null> {
    return this.#call(`version ${version} of ${model}`, async () => {
      try {
        const { tags, aliases, user } = await this.#client.modelVersions.get({ name: model, version });
        return { releaseId: tags[releaseTag] ?? null, aliases, tags, user };
      } catch (error) {
        if (error instanceof MlflowNotFoundError) return null;
        throw error;
      }
    });
  }

  /** MLflow lists models without their aliases, so that each is asked for its own. */
  aliased({ alias }: { alias: string }): Promise<{ model: string; version: string }[]> {
    return this.#call(`versions with the alias ${alias}`, async () => {
      const found: { model: string; version: string }[] = [];
      for await (const { name } of this.#client.registeredModels.search()) {
        const version = await this.#client.registeredModels.getByAlias({ name, alias });
        if (version) found.push({ model: name, version: version.version });
      }
      return found;
    });
  }

  aliasTarget({
    model,
    alias,
  }: {
    model: string;
    alias: string;
  }): Promise<{ version: string; releaseId: string } | null> {
    return this.#call(`alias ${alias} of ${model}`, async () => {
      const found = await this.#client.registeredModels.getByAlias({ name: model, alias });
      if (!found) return null;
      const releaseId = found.tags[releaseTag];
      if (releaseId !== undefined) return { version: found.version, releaseId };
      throw new PortError(
        'InvalidInput',
        `MLflow, alias ${alias} of ${model}: version ${found.version} has no tag ${releaseTag}; expected a version that a release registered`,
      );
    });
  }

  /** Callers of the same thing at the same moment share one attempt. */
  #once<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    const running = this.#ensuring.get(what);
    if (running) return running as Promise<Result>;
    const started = this.#call(what, work).finally(() => this.#ensuring.delete(what));
    this.#ensuring.set(what, started);
    return started;
  }

  async #done(what: string, work: () => Promise<unknown>): Promise<void> {
    await this.#call(what, work);
  }

  async #call<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw registryFailure({ what, error });
    }
  }
}
