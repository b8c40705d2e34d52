import { inspect } from 'node:util';
import { Artifacts } from './artifacts.js';
import { Experiments } from './experiments.js';
import { ModelVersions } from './model-versions.js';
import { resolveOptions } from './options.js';
import type { CallOptions, MlflowClientOptions } from './options.js';
import { Prompts } from './prompts.js';
import { RegisteredModels } from './registered-models.js';
import { Runs } from './runs.js';
import { Traces } from './traces.js';
import { Transport } from './transport/http.js';
import { Webhooks } from './webhooks.js';

/** A client of one MLflow server. Cheap to make, holds no connection of its own, safe to share. */
export class MlflowClient {
  readonly experiments: Experiments;
  readonly runs: Runs;
  readonly artifacts: Artifacts;
  readonly registeredModels: RegisteredModels;
  readonly modelVersions: ModelVersions;
  readonly prompts: Prompts;
  readonly traces: Traces;
  readonly webhooks: Webhooks;
  readonly #transport: Transport;

  /** @throws MlflowArgumentError naming the option that can't work */
  constructor(options: MlflowClientOptions) {
    this.#transport = new Transport(resolveOptions(options));
    this.experiments = new Experiments(this.#transport);
    this.runs = new Runs(this.#transport);
    this.registeredModels = new RegisteredModels(this.#transport);
    this.modelVersions = new ModelVersions(this.#transport);
    this.artifacts = new Artifacts({ transport: this.#transport, runs: this.runs });
    this.prompts = new Prompts({ models: this.registeredModels, versions: this.modelVersions });
    this.traces = new Traces(this.#transport);
    this.webhooks = new Webhooks(this.#transport);
  }

  /** The server's address, without credentials. */
  get trackingUri(): string {
    return this.#transport.baseUrl;
  }

  /** The server's version, e.g. `3.17.2`; the cheapest way to see whether it answers. */
  async version(input: CallOptions = {}): Promise<string> {
    return (await this.#transport.text({ path: '/version', options: input })).trim();
  }

  /** Shows where the client points and nothing else. */
  [inspect.custom](): string {
    return `MlflowClient(${this.trackingUri})`;
  }
}
