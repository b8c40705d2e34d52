import { type ArtifactStore, PortError } from '../../activities/ports.js';
import type { EndpointPlan, Hosting } from '../sagemaker-endpoint/endpoint-plan.js';
import type { Endpoints } from '../sagemaker-endpoint/endpoints.js';
import {
  addDesired,
  desiredOf,
  type DesiredList,
  type DesiredRelease,
  readDesired,
  removeDesired,
} from '../vllm-serving/desired-adapters.js';
import { asyncFolder } from './async-address.js';
import { type AsyncHosting, asyncPlan, asyncVariant } from './async-plan.js';
import type { QueueScaling } from './queue-scaling.js';

const busyMilliseconds = 15_000;

export interface AsyncServingSettings {
  endpoints: Endpoints;
  scaling: QueueScaling;
  store: ArtifactStore;
  hosting: Hosting;
  queue: AsyncHosting;
  uriOf: (key: string) => string;
}

interface Wanted {
  releaseId: string;
  release: DesiredRelease;
}

/**
 * Releases behind asynchronous endpoints of their own, for questions that can wait. One that nobody asks has no instance
 * and costs nothing, so that it stays until its release is retired and the next comparison finds it.
 */
export class AsyncServing {
  readonly #settings: AsyncServingSettings;
  readonly #list: Required<DesiredList>;

  constructor(settings: AsyncServingSettings) {
    this.#settings = settings;
    this.#list = { store: settings.store, key: 'serving/offline.json' };
  }

  /** Get or create the endpoints of these releases; each is known from now on. */
  async deploy(releases: readonly Wanted[]): Promise<void> {
    for (const { releaseId, release } of releases) {
      await addDesired({ ...this.#list, releaseId, release });
      await this.#converge(this.#planOf({ releaseId, release }), release.model);
    }
  }

  /** What keeps these releases from taking questions; null where nothing does. Instances are no matter: questions wait for them. */
  async trouble(releases: readonly Wanted[]): Promise<string | null> {
    const { endpoints, scaling } = this.#settings;
    for (const wanted of releases) {
      const { endpoint } = this.#planOf(wanted);
      const found = await endpoints.find(endpoint);
      if (found?.EndpointStatus !== 'InService')
        return `endpoint ${endpoint}: ${found === null ? 'is gone' : found.EndpointStatus}${found?.FailureReason ? `, ${found.FailureReason}` : ''}`;
      await scaling.begin({ endpoint, name: asyncVariant });
    }
    return null;
  }

  /** Removes the endpoint of a release with all that was asked there, where no other release answers to the same name. */
  async retire({ releaseId }: { releaseId: string }): Promise<void> {
    const { [releaseId]: release, ...others } = await readDesired(this.#list);
    if (release === undefined) return;
    const { endpoint } = this.#planOf({ releaseId, release });
    const shared = Object.entries(others).some(
      ([id, one]) => this.#planOf({ releaseId: id, release: one }).endpoint === endpoint,
    );
    if (!shared) await this.#remove(endpoint, release.model);
    await removeDesired({ ...this.#list, releaseId });
  }

  /** The ids of a model's releases that are known. */
  async servedOf({ model }: { model: string }): Promise<string[]> {
    return await desiredOf({ ...this.#list, model });
  }

  async known(): Promise<Readonly<Record<string, DesiredRelease>>> {
    return await readDesired(this.#list);
  }

  #planOf(wanted: Wanted): EndpointPlan {
    return asyncPlan({ ...this.#settings, ...wanted });
  }

  async #converge(plan: EndpointPlan, model: string): Promise<void> {
    const { endpoints } = this.#settings;
    const found = await endpoints.find(plan.endpoint);
    if (found === null) return endpoints.create(plan);
    await endpoints.checkOwner({ found, model });
    if (found.EndpointStatus === 'Failed') {
      await this.#remove(plan.endpoint, model);
      return endpoints.create(plan);
    }
    if (found.EndpointConfigName === plan.config.EndpointConfigName) return;
    if (found.EndpointStatus !== 'InService')
      throw new PortError('Unavailable', `endpoint ${plan.endpoint}: is ${found.EndpointStatus}`, busyMilliseconds);
    await endpoints.update(plan);
  }

  async #remove(endpoint: string, model: string): Promise<void> {
    const { endpoints, scaling, store } = this.#settings;
    const found = await endpoints.find(endpoint);
    if (found !== null) await endpoints.checkOwner({ found, model });
    const endScaling = (variant: { endpoint: string; name: string }): Promise<void> => scaling.end(variant);
    await endpoints.removeWhole({ endpoint, variants: [asyncVariant], endScaling });
    for await (const { key } of store.list({ prefix: `${asyncFolder(endpoint)}/` })) await store.remove({ key });
  }
}
