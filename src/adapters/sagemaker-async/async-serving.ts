import { type ArtifactStore, PortError } from '../../activities/ports.js';
import type { EndpointPlan, Hosting } from '../sagemaker-endpoint/endpoint-plan.js';
import type { Endpoints } from '../sagemaker-endpoint/endpoints.js';
import {
  nameOf,
  OfflineReleases,
  type OfflineServing,
  type WantedRelease,
} from '../sagemaker-endpoint/offline-serving.js';
import type { DesiredRelease } from '../vllm-serving/desired-adapters.js';
import { asyncAddress, asyncEndpointName, asyncFolder } from './async-address.js';
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

/**
 * Releases behind asynchronous endpoints of their own, for questions that can wait. One that nobody asks has no instance
 * and costs nothing, so that it stays until its release is retired and the next comparison finds it.
 */
export class AsyncServing implements OfflineServing {
  readonly #settings: AsyncServingSettings;
  readonly #releases: OfflineReleases;

  constructor(settings: AsyncServingSettings) {
    this.#settings = settings;
    this.#releases = new OfflineReleases({
      ...{ store: settings.store, key: 'serving/offline.json' },
      placeOf: (wanted) => asyncEndpointName({ model: wanted.release.model, name: nameOf(wanted) }),
    });
  }

  address(model: string): string {
    return asyncAddress(model);
  }

  async deploy(releases: readonly WantedRelease[]): Promise<void> {
    for (const wanted of releases) {
      await this.#releases.add(wanted);
      await this.#converge(this.#planOf(wanted), wanted.release.model);
    }
  }

  /** Instances are no matter: questions wait for them. */
  async trouble(releases: readonly WantedRelease[]): Promise<string | null> {
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

  async retire({ releaseId }: { releaseId: string }): Promise<void> {
    await this.#releases.retire({ releaseId, remove: (endpoint, model) => this.#remove(endpoint, model) });
  }

  async servedOf({ model }: { model: string }): Promise<string[]> {
    return await this.#releases.servedOf({ model });
  }

  async known(): Promise<Readonly<Record<string, DesiredRelease>>> {
    return await this.#releases.known();
  }

  #planOf(wanted: WantedRelease): EndpointPlan {
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
