import type { DescribeEndpointOutput } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, type SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import {
  type ArtifactStore,
  type OfflineUse,
  PortError,
  type ServedRelease,
  type ServingPlatform,
} from '../../activities/ports.js';
import { readAdapterManifest } from '../adapter-manifest.js';
import { awsFailure } from '../aws/aws-failure.js';
import {
  addDesired,
  desiredOf,
  type DesiredRelease,
  readDesired,
  readDesiredRelease,
  removeDesired,
} from '../vllm-serving/desired-adapters.js';
import { endpointName, endpointPlan, type EndpointPlan, type Hosting, variantName } from './endpoint-plan.js';
import type { Endpoints } from './endpoints.js';
import { nameOf, type OfflineServing, type WantedRelease } from './offline-serving.js';
import type { VariantScaling } from './variant-scaling.js';

/** SageMaker's limit of variants behind an endpoint. */
const mostVariants = 10;

/** An endpoint that changes goes on answering with the variants that it has. */
const serves: ReadonlySet<string | undefined> = new Set(['InService', 'Updating', 'SystemUpdating', 'RollingBack']);

export interface SageMakerServingSettings {
  endpoints: Endpoints;
  scaling: VariantScaling;
  /** Tries nothing again by itself (`maxAttempts: 1`). */
  runtime: SageMakerRuntimeClient;
  store: ArtifactStore;
  hosting: Hosting;
  uriOf: (key: string) => string;
  /** Address of the bridge, without a path: it asks endpoints for those that speak OpenAI's protocol. */
  bridge: string;
  /** Answers what can wait; null: the variants of users do. */
  offline: OfflineServing | null;
  /** Answered what could wait before the settings were changed; releases are retired there too. */
  offlineBefore?: readonly OfflineServing[];
}

/**
 * Releases as variants of SageMaker's real-time endpoints, one endpoint for each model. An endpoint changes as a whole
 * and takes minutes to: what finds it changing is `Unavailable`, for Temporal to try again. A release is forgotten last,
 * so that whoever tries again after a failure finds what there is left to do.
 */
export class SageMakerServing implements ServingPlatform {
  readonly #settings: SageMakerServingSettings;

  constructor(settings: SageMakerServingSettings) {
    this.#settings = settings;
  }

  async deploy({
    model,
    releaseId,
    base,
    adapter,
    offline,
    signal = new AbortController().signal,
  }: Parameters<ServingPlatform['deploy']>[0]): Promise<ServedRelease> {
    const { store, hosting, bridge, offline: queues } = this.#settings;
    if (!Object.hasOwn(hosting.baseModels, base))
      throw new PortError(
        'InvalidInput',
        `base ${base}: expected one of ${Object.keys(hosting.baseModels).join(', ') || 'none, as none is set'}`,
      );
    if (adapter !== null) await readAdapterManifest({ store, adapter });
    const release = { model, base, adapter };
    const liveEndpoint = `${bridge}/endpoints/${endpointName(model)}/variants/${variantName(releaseId)}/v1`;
    const name = nameOf({ releaseId, release });
    if (queues !== null && offline !== undefined) {
      await queues.deploy(await this.#compared({ releaseId, release, offline }), signal);
      return { endpoint: queues.address(model), liveEndpoint, adapter: name };
    }
    await addDesired({ store, releaseId, release });
    await this.#converge({ model, releases: await this.#releasesOf(model) });
    return { endpoint: liveEndpoint, liveEndpoint, adapter: name, alone: true };
  }

  async capacity({
    model,
    releaseId,
  }: {
    model: string;
    releaseId: string;
  }): Promise<{ enough: boolean; reason: string }> {
    const served = (await this.#releasesOf(model)).filter(([id]) => id !== releaseId).length;
    const reason = `${served} variants of ${mostVariants}; SageMaker says only while it starts instances whether it has them`;
    return { enough: served < mostVariants, reason };
  }

  async readiness({
    releaseId,
    offline,
  }: {
    releaseId: string;
    offline?: OfflineUse | undefined;
  }): Promise<{ ready: boolean; reason: string }> {
    const { store, offline: queues } = this.#settings;
    try {
      if (queues !== null && offline !== undefined) return await this.#takesQuestions({ queues, releaseId, offline });
      const release = await readDesiredRelease({ store, releaseId });
      if (!release) return { ready: false, reason: `${releaseId} is not deployed` };
      return await this.#look({ releaseId, release });
    } catch (error) {
      if (error instanceof PortError) return { ready: false, reason: error.message };
      throw error;
    }
  }

  async retire({ releaseId }: { model: string; releaseId: string }): Promise<void> {
    const { store } = this.#settings;
    for (const one of this.#offlines()) await one.retire({ releaseId });
    const before = await readDesiredRelease({ store, releaseId });
    if (!before) return;
    const others = (await this.#releasesOf(before.model)).filter(([id]) => id !== releaseId);
    await this.#converge({ model: before.model, releases: others });
    await removeDesired({ store, releaseId });
  }

  async served({ model }: { model: string }): Promise<string[]> {
    const { store } = this.#settings;
    const waiting = await Promise.all(this.#offlines().map((one) => one.servedOf({ model })));
    return [...new Set([...(await desiredOf({ store, model })), ...waiting.flat()])];
  }

  /** Removes what endpoints have served before; an endpoint that is changing is left for the next time. */
  async reconcile(): Promise<void> {
    const { store, hosting, uriOf, endpoints } = this.#settings;
    const models = new Set(Object.values(await readDesired({ store })).map(({ model }) => model));
    for (const model of models) {
      const plan = endpointPlan({ model, releases: await this.#releasesOf(model), hosting, uriOf });
      const found = await endpoints.find(plan.endpoint);
      if (found?.EndpointStatus === 'InService' && found.EndpointConfigName === plan.config.EndpointConfigName)
        await this.#tidy(plan);
    }
  }

  #offlines(): OfflineServing[] {
    const { offline, offlineBefore = [] } = this.#settings;
    return [...(offline ? [offline] : []), ...offlineBefore];
  }

  /** A release and those that it is compared with, as they were deployed. */
  async #compared({
    releaseId,
    release,
    offline: { beside },
  }: {
    releaseId: string;
    release: DesiredRelease;
    offline: OfflineUse;
  }): Promise<WantedRelease[]> {
    const { store, offline } = this.#settings;
    const deployed = { ...(await offline?.known()), ...(await readDesired({ store })) };
    return [
      { releaseId, release },
      ...beside.map((id) => {
        const other = Object.hasOwn(deployed, id) ? deployed[id] : undefined;
        if (other === undefined)
          throw new PortError('InvalidInput', `${id}: is compared with, and is not deployed here`);
        return { releaseId: id, release: other };
      }),
    ];
  }

  async #takesQuestions({
    queues,
    releaseId,
    offline: { beside },
  }: {
    queues: OfflineServing;
    releaseId: string;
    offline: OfflineUse;
  }): Promise<{ ready: boolean; reason: string }> {
    const known = await queues.known();
    const releases = [releaseId, ...beside].flatMap((id) =>
      Object.hasOwn(known, id) ? [{ releaseId: id, release: known[id]! }] : [],
    );
    if (releases.length <= beside.length) return { ready: false, reason: `${releaseId} is not deployed` };
    const trouble = await queues.trouble(releases);
    return trouble === null
      ? { ready: true, reason: `${releaseId} takes questions` }
      : { ready: false, reason: trouble };
  }

  async #releasesOf(model: string): Promise<[string, DesiredRelease][]> {
    const releases = Object.entries(await readDesired({ store: this.#settings.store }));
    return releases.filter(([, release]) => release.model === model).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Makes an endpoint hold these releases and no others, in one step that SageMaker then carries out. */
  async #converge({
    model,
    releases,
  }: {
    model: string;
    releases: readonly [string, DesiredRelease][];
  }): Promise<void> {
    const { endpoints, scaling, hosting, uriOf } = this.#settings;
    const plan = endpointPlan({ model, releases, hosting, uriOf });
    const found = await endpoints.find(plan.endpoint);
    if (found !== null) await endpoints.checkOwner({ found, model });
    if (releases.length === 0 || found?.EndpointStatus === 'Failed')
      await endpoints.removeWhole({
        endpoint: plan.endpoint,
        variants: (found?.ProductionVariants ?? []).flatMap(({ VariantName }) => VariantName ?? []),
        endScaling: (variant) => scaling.end(variant),
      });
    if (releases.length === 0) return;
    // Nothing can be done with an endpoint that failed but to make it anew.
    if (found === null || found.EndpointStatus === 'Failed') return endpoints.create(plan);
    if (found.EndpointConfigName === plan.config.EndpointConfigName) return;
    if (found.EndpointStatus !== 'InService') throw busy(found);
    const stays = new Set(plan.config.ProductionVariants?.map(({ VariantName }) => VariantName));
    for (const { VariantName: name = '' } of found.ProductionVariants ?? [])
      if (!stays.has(name)) await scaling.end({ endpoint: plan.endpoint, name });
    await endpoints.update(plan);
  }

  async #look({ releaseId, release }: { releaseId: string; release: DesiredRelease }) {
    const { endpoints, scaling, hosting, uriOf } = this.#settings;
    const { model, base, adapter } = release;
    const plan = endpointPlan({ model, releases: await this.#releasesOf(model), hosting, uriOf });
    const found = await endpoints.find(plan.endpoint);
    const not = (reason: string) => ({ ready: false, reason: `endpoint ${plan.endpoint}: ${reason}` });
    if (found === null) return not('is gone');
    const why = found.FailureReason === undefined ? '' : `, ${found.FailureReason}`;
    if (!serves.has(found.EndpointStatus)) return not(`${found.EndpointStatus}${why}`);
    const name = variantName(releaseId);
    const variant = found.ProductionVariants?.find(({ VariantName }) => VariantName === name);
    if (variant === undefined) return not(`has no variant ${name}${why}`);
    const instances = variant.CurrentInstanceCount ?? 0;
    if (instances < 1) return not(`variant ${name} has no instance`);
    const settled = found.EndpointStatus === 'InService';
    if (settled) await scaling.begin({ endpoint: plan.endpoint, name });
    await this.#askOneToken({ endpoint: plan.endpoint, variant: name, model: adapter === null ? base : releaseId });
    return { ready: true, reason: `${name} answers on ${instances} instances` };
  }

  /** Configurations of before, and the models behind them that no variant serves any more. */
  async #tidy(plan: EndpointPlan): Promise<void> {
    const { endpoints } = this.#settings;
    const serving = new Set(plan.models.map(({ ModelName }) => ModelName));
    for (const config of await endpoints.configsOf(plan)) {
      if (config === plan.config.EndpointConfigName) continue;
      const models = await endpoints.modelsOf(config);
      await endpoints.removeConfig(config);
      for (const name of models) if (!serving.has(name)) await endpoints.removeModel(name);
    }
  }

  async #askOneToken({
    endpoint,
    variant,
    model,
  }: {
    endpoint: string;
    variant: string;
    model: string;
  }): Promise<void> {
    const messages = [{ role: 'user', content: 'Hello' }];
    const question = { model, messages, max_tokens: 1, temperature: 0 };
    try {
      await this.#settings.runtime.send(
        new InvokeEndpointCommand({
          ...{ EndpointName: endpoint, TargetVariant: variant, ContentType: 'application/json' },
          Body: Buffer.from(JSON.stringify(question)),
        }),
      );
    } catch (error) {
      throw awsFailure({ what: `asking ${model} of endpoint ${endpoint}`, error });
    }
  }
}

const busy = ({ EndpointName, EndpointStatus }: DescribeEndpointOutput): PortError =>
  new PortError('Unavailable', `endpoint ${EndpointName}: is ${EndpointStatus}, so it can't be changed yet`, 15_000);
