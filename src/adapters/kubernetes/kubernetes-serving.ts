import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import { type ArtifactStore, PortError, type ServedRelease, type ServingPlatform } from '../../activities/ports.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import { readAdapterManifest } from '../adapter-manifest.js';
import {
  addDesired,
  desiredOf,
  type DesiredReleases,
  readDesired,
  readDesiredRelease,
  removeDesired,
} from '../vllm-serving/desired-adapters.js';
import { VllmApi } from '../vllm-serving/vllm-api.js';
import type { Cluster } from './cluster.js';
import { gpuRoom } from './gpu-room.js';
import { poolManifests } from './manifests.js';
import { containersReady, podReady, podTrouble, rolloutTrouble } from './pod-trouble.js';
import { adaptersLoaded, type Pool, poolLabels, poolName, poolPort, storeMount } from './pool.js';

export interface KubernetesServingSettings {
  cluster: Cluster;
  namespace: string;
  store: ArtifactStore;
  /** The pool of each base, by its id. */
  pools: Readonly<Record<string, Pool>>;
  /** What vLLM asks of its callers. */
  apiKey: string | null;
  /** Where a pod is asked, without a path; its address in the cluster as a rule. */
  addressOf: (pod: V1Pod) => string;
}

/**
 * Releases as LoRA adapters of vLLM pods in Kubernetes, one pool of pods for each base. What should be served stands
 * in the store before anything is loaded, so that a pod which comes back gets its adapters again (`reconcile`) before
 * it is ready: our condition is a gate of its readiness. A pool goes away with the last release on it.
 */
export class KubernetesServing implements ServingPlatform {
  readonly #settings: KubernetesServingSettings;

  constructor(settings: KubernetesServingSettings) {
    this.#settings = settings;
  }

  async deploy({
    model,
    releaseId,
    base,
    adapter,
  }: {
    model: string;
    releaseId: string;
    base: string;
    adapter: ArtifactRef | null;
  }): Promise<ServedRelease> {
    const { store, namespace } = this.#settings;
    const pool = this.#poolOf(base);
    if (adapter !== null) await readAdapterManifest({ store, adapter });
    const { replaces } = await addDesired({ store, releaseId, release: { model, base, adapter } });
    for (const object of poolManifests({ base, pool, namespace })) await this.#settings.cluster.apply({ object });
    if (replaces) await this.#onEveryPod({ base, call: (api) => api.unload({ name: releaseId }) });
    await this.#load({ base });
    const endpoint = `http://${poolName(base)}.${namespace}.svc:${poolPort}/v1`;
    return { endpoint, liveEndpoint: endpoint, adapter: adapter === null ? base : releaseId };
  }

  /** Room for the pods that a pool lacks, and a place for one adapter more in their memory. */
  async capacity(): Promise<{ enough: boolean; reason: string }> {
    const { cluster, namespace, pools, store } = this.#settings;
    const [nodes, pods, quotas] = await Promise.all([
      cluster.nodes(),
      cluster.allPods(),
      cluster.quotas({ namespace }),
    ]);
    const desired = Object.values(await readDesired({ store }));
    const reasons: string[] = [];
    for (const [base, pool] of Object.entries(pools)) {
      const ours = pods.filter(({ metadata }) => matches(metadata?.labels, poolLabels(base)));
      const placed = ours.filter(({ spec }) => spec?.nodeName !== undefined).length;
      const room = gpuRoom({ pool, wanted: Math.max(0, pool.replicas.least - placed), nodes, pods, quotas });
      const adapters = desired.filter((release) => release.base === base && release.adapter !== null).length;
      if (!room.enough) return { enough: false, reason: `${base}: ${room.reason}` };
      if (adapters >= pool.adapters.inMemory)
        return {
          enough: false,
          reason: `${base}: ${adapters} adapters >= ${pool.adapters.inMemory} that its pods keep`,
        };
      reasons.push(`${base}: ${room.reason}; ${adapters} adapters < ${pool.adapters.inMemory}`);
    }
    return { enough: true, reason: reasons.join('; ') };
  }

  async readiness({ releaseId }: { releaseId: string }): Promise<{ ready: boolean; reason: string }> {
    const release = await readDesiredRelease({ store: this.#settings.store, releaseId });
    if (!release) return { ready: false, reason: `${releaseId} is not deployed` };
    try {
      return await this.#look({ ...release, name: release.adapter === null ? release.base : releaseId });
    } catch (error) {
      if (error instanceof PortError) return { ready: false, reason: error.message };
      throw error;
    }
  }

  async retire({ releaseId }: { model: string; releaseId: string }): Promise<void> {
    const { store, cluster, namespace } = this.#settings;
    const before = await readDesiredRelease({ store, releaseId });
    if (!before) return;
    const rest = await removeDesired({ store, releaseId });
    if (before.adapter !== null)
      await this.#onEveryPod({ base: before.base, call: (api) => api.unload({ name: releaseId }) });
    if (Object.values(rest).some(({ base }) => base === before.base)) return;
    const objects = poolManifests({ base: before.base, pool: this.#poolOf(before.base), namespace });
    for (const object of objects.toReversed()) await cluster.remove(object);
  }

  async served({ model }: { model: string }): Promise<string[]> {
    return await desiredOf({ store: this.#settings.store, model });
  }

  /** Loads on every pod what it lacks and lets it become ready; what fails is named and keeps no other pod back. */
  async reconcile(): Promise<{ failed: { pod: string; reason: string }[] }> {
    const bases = new Set(Object.values(await readDesired({ store: this.#settings.store })).map(({ base }) => base));
    const failed = await Promise.all([...bases].map((base) => this.#load({ base })));
    return { failed: failed.flat() };
  }

  /** Objects of the pools in use that are not as they were applied, and what differs can't be told from the outside. */
  async drift(): Promise<string[]> {
    const { cluster, namespace, store } = this.#settings;
    const bases = new Set(Object.values(await readDesired({ store })).map(({ base }) => base));
    const drifted: string[] = [];
    for (const base of bases)
      for (const object of poolManifests({ base, pool: this.#poolOf(base), namespace })) {
        const name = `${object.kind} ${object.metadata?.name}`;
        const now = await cluster.read(object);
        const wanted = await cluster.apply({ object, dryRun: true }).catch((error: PortError) => error);
        if (now === null) drifted.push(`${name}: is gone`);
        else if (wanted instanceof PortError) drifted.push(wanted.message);
        else if (specOf(now) !== specOf(wanted)) drifted.push(`${name}: was changed`);
      }
    return drifted;
  }

  #poolOf(base: string): Pool {
    const { pools } = this.#settings;
    if (Object.hasOwn(pools, base)) return pools[base]!;
    const known = Object.keys(pools).join(', ');
    throw new PortError(
      'InvalidInput',
      `base ${base}: has no pool; expected one of ${known || 'none, as none is set'}`,
    );
  }

  async #look({ base, name }: { base: string; name: string }): Promise<{ ready: boolean; reason: string }> {
    const { cluster, namespace } = this.#settings;
    const pool = this.#poolOf(base);
    const [deployed] = poolManifests({ base, pool, namespace }).filter(({ kind }) => kind === 'Deployment');
    const deployment = await cluster.read(deployed as V1Deployment);
    if (deployment === null) return { ready: false, reason: `Deployment ${poolName(base)} is gone` };
    const pods = await cluster.pods({ namespace, labels: poolLabels(base) });
    const notReady = await this.#whyNotReady({ deployment, pods });
    if (notReady !== null) return { ready: false, reason: notReady };
    for (const pod of pods.filter(podReady)) {
      const models = await this.#api(pod).models();
      if (!models.has(name))
        return {
          ready: false,
          reason: `${name} is not loaded on pod ${pod.metadata?.name}; it serves ${[...models].join(', ')}`,
        };
    }
    const [first] = pods.filter(podReady);
    await this.#api(first!).askOneToken({ name });
    return { ready: true, reason: `${name} answers on ${pods.filter(podReady).length} pods` };
  }

  async #whyNotReady({
    deployment,
    pods,
  }: {
    deployment: V1Deployment;
    pods: readonly V1Pod[];
  }): Promise<string | null> {
    const { metadata, spec, status } = deployment;
    const wanted = spec?.replicas ?? 1;
    const ready = pods.filter(podReady).length;
    const current = status?.observedGeneration === metadata?.generation;
    if (current && (status?.updatedReplicas ?? 0) >= wanted && ready >= wanted && wanted > 0) return null;
    const troubles = pods.map((pod) => ({ pod, trouble: podTrouble(pod) }));
    const lines = await Promise.all(
      troubles.map(async ({ pod, trouble }) => {
        if (trouble === null) return [];
        const log = await this.#settings.cluster.log({ pod, previous: trouble.previous });
        return [`pod ${trouble.pod}: ${trouble.reason}${log === '' ? '' : `\n${log}`}`];
      }),
    );
    const stuck = rolloutTrouble(status?.conditions ?? []);
    return [
      `${ready} of ${wanted} pods of ${metadata?.name} are ready`,
      ...(stuck === null ? [] : [stuck]),
      ...lines.flat(),
    ].join('; ');
  }

  /** Loads what pods lack and sets the condition of those that lack nothing any more. */
  async #load({ base }: { base: string }): Promise<{ pod: string; reason: string }[]> {
    const { cluster, namespace, store } = this.#settings;
    const desired = adaptersOf({ releases: await readDesired({ store }), base });
    const pods = (await cluster.pods({ namespace, labels: poolLabels(base) })).filter(containersReady);
    const failed: { pod: string; reason: string }[] = [];
    for (const pod of pods)
      try {
        const models = await this.#api(pod).models();
        for (const { name, path } of desired) if (!models.has(name)) await this.#api(pod).load({ name, path });
        const message = `${desired.length} adapters`;
        const set = pod.status?.conditions?.find(({ type }) => type === adaptersLoaded);
        if (set?.status === 'True' && set.message === message) continue;
        await cluster.setCondition({ pod, type: adaptersLoaded, status: 'True', message });
      } catch (error) {
        if (!(error instanceof PortError)) throw error;
        failed.push({ pod: pod.metadata?.name ?? '?', reason: error.message });
      }
    return failed;
  }

  async #onEveryPod({ base, call }: { base: string; call: (api: VllmApi) => Promise<void> }): Promise<void> {
    const { cluster, namespace } = this.#settings;
    const pods = (await cluster.pods({ namespace, labels: poolLabels(base) })).filter(containersReady);
    await Promise.all(pods.map((pod) => call(this.#api(pod))));
  }

  #api(pod: V1Pod): VllmApi {
    return new VllmApi({ endpoint: `${this.#settings.addressOf(pod)}/v1`, apiKey: this.#settings.apiKey });
  }
}

/** The adapters that pods of a base should have, at their place in the volume of the store. */
const adaptersOf = ({
  releases,
  base,
}: {
  releases: DesiredReleases;
  base: string;
}): { name: string; path: string }[] =>
  Object.entries(releases).flatMap(([name, release]) =>
    release.base === base && release.adapter !== null
      ? [{ name, path: `${storeMount}/${release.adapter.uri.replace('store://', '').replace(/\/[^/]+$/, '')}` }]
      : [],
  );

const matches = (
  labels: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): boolean => Object.entries(wanted).every(([name, value]) => labels?.[name] === value);

const specOf = (object: object): string => JSON.stringify('spec' in object ? object.spec : null);
