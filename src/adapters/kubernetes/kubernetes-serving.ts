import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import { type ArtifactStore, PortError, type ServedRelease, type ServingPlatform } from '../../activities/ports.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import { readAdapterManifest } from '../adapter-manifest.js';
import {
  addDesired,
  desiredOf,
  type DesiredRelease,
  type DesiredReleases,
  readDesired,
  readDesiredRelease,
  removeDesired,
} from '../vllm-serving/desired-adapters.js';
import { VllmApi } from '../vllm-serving/vllm-api.js';
import type { Cluster } from './cluster.js';
import { gpuRoom } from './gpu-room.js';
import { poolManifests } from './manifests.js';
import { namesOf, PodAdapters } from './pod-adapters.js';
import { podReady, podTrouble, rolloutTrouble } from './pod-trouble.js';
import { type PodSet, type Pool, poolLabels, poolName, poolPort } from './pool.js';

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
  readonly #adapters: PodAdapters;

  constructor(settings: KubernetesServingSettings) {
    this.#settings = settings;
    this.#adapters = new PodAdapters({ ...settings, apiOf: (pod) => this.#api(pod) });
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
    const set = this.#setOf({ releaseId, release: { model, base, adapter } });
    if (adapter !== null) await readAdapterManifest({ store, adapter });
    const { replaces } = await addDesired({ store, releaseId, release: { model, base, adapter } });
    for (const object of poolManifests({ set, pool, namespace })) await this.#settings.cluster.apply({ object });
    if (replaces) await this.#adapters.unload({ set, names: namesOf({ set, releaseId, model }) });
    await this.#adapters.settle({ set });
    const endpoint = `http://${poolName(set)}.${namespace}.svc:${poolPort}/v1`;
    // A Service answers for its own base at most.
    return { endpoint, liveEndpoint: endpoint, adapter: adapter === null ? base : releaseId, alone: true };
  }

  /** Room for the pods that a pool lacks, and a place for one adapter more in their memory. */
  async capacity(): Promise<{ enough: boolean; reason: string }> {
    const { cluster, namespace, pools, store } = this.#settings;
    const [nodes, pods, quotas] = await Promise.all([
      cluster.nodes(),
      cluster.allPods(),
      cluster.quotas({ namespace }),
    ]);
    const desired = await readDesired({ store });
    const sets = this.#setsOf(desired);
    const reasons: string[] = [];
    for (const [base, pool] of Object.entries(pools)) {
      const placed = (set: PodSet): number =>
        pods.filter(({ metadata, spec }) => spec?.nodeName !== undefined && matches(metadata?.labels, poolLabels(set)))
          .length;
      const lacking = (pool.apart ? sets.filter((set) => set.base === base) : [{ base, releaseId: null, alias: null }])
        .map((set) => Math.max(0, pool.replicas.least - placed(set)))
        .reduce((sum, one) => sum + one, 0);
      // Where releases are kept apart, one more needs pods of its own.
      const wanted = pool.apart && lacking === 0 ? pool.replicas.least : lacking;
      const room = gpuRoom({ pool, wanted, nodes, pods, quotas });
      if (!room.enough) return { enough: false, reason: `${base}: ${room.reason}` };
      const adapters = Object.values(desired).filter((one) => one.base === base && one.adapter !== null).length;
      if (!pool.apart && adapters >= pool.adapters.inMemory)
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
      const set = this.#setOf({ releaseId, release });
      return await this.#look({ set, name: release.adapter === null ? release.base : releaseId });
    } catch (error) {
      if (error instanceof PortError) return { ready: false, reason: error.message };
      throw error;
    }
  }

  async retire({ releaseId }: { model: string; releaseId: string }): Promise<void> {
    const { store, cluster, namespace } = this.#settings;
    const before = await readDesiredRelease({ store, releaseId });
    if (!before) return;
    const set = this.#setOf({ releaseId, release: before });
    const used = (releases: DesiredReleases): boolean =>
      this.#setsOf(releases).some((other) => poolName(other) === poolName(set));
    const { [releaseId]: _own, ...others } = await readDesired({ store });
    const objects = poolManifests({ set, pool: this.#poolOf(before.base), namespace });
    // Forgotten last, so that whoever tries again after a failure finds what there is left to do.
    const last = !used(others);
    if (last) for (const object of objects.toReversed()) await cluster.remove(object);
    const rest = await removeDesired({ store, releaseId });
    if (!last) await this.#adapters.settle({ set });
    // Somebody began to use the pods meanwhile.
    else if (used(rest)) for (const object of objects) await cluster.apply({ object });
  }

  async served({ model }: { model: string }): Promise<string[]> {
    return await desiredOf({ store: this.#settings.store, model });
  }

  /** Loads on every pod what it lacks and lets it become ready; what fails is named and keeps no other pod back. */
  async reconcile(): Promise<{ failed: { pod: string; reason: string }[] }> {
    const sets = this.#setsOf(await readDesired({ store: this.#settings.store }));
    const failed = await Promise.all(sets.map((set) => this.#adapters.settle({ set })));
    return { failed: failed.flat() };
  }

  /** Objects of the pools in use that are not as they were applied, and what differs can't be told from the outside. */
  async drift(): Promise<string[]> {
    const { cluster, namespace, store } = this.#settings;
    const drifted: string[] = [];
    for (const set of this.#setsOf(await readDesired({ store })))
      for (const object of poolManifests({ set, pool: this.#poolOf(set.base), namespace })) {
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

  /** The pods that serve a release. */
  #setOf({ releaseId, release }: { releaseId: string; release: DesiredRelease }): PodSet {
    const { base, model, adapter } = release;
    const { apart } = this.#poolOf(base);
    return { base, releaseId: apart ? releaseId : null, alias: apart && adapter === null ? model : null };
  }

  #setsOf(releases: DesiredReleases): PodSet[] {
    const sets = Object.entries(releases).map(([releaseId, release]) => this.#setOf({ releaseId, release }));
    return [...new Map(sets.map((set) => [poolName(set), set])).values()];
  }

  async #look({ set, name }: { set: PodSet; name: string }): Promise<{ ready: boolean; reason: string }> {
    const { cluster, namespace } = this.#settings;
    const pool = this.#poolOf(set.base);
    const [deployed] = poolManifests({ set, pool, namespace }).filter(({ kind }) => kind === 'Deployment');
    const deployment = await cluster.read(deployed as V1Deployment);
    if (deployment === null) return { ready: false, reason: `Deployment ${poolName(set)} is gone` };
    const pods = await cluster.pods({ namespace, labels: poolLabels(set) });
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

  #api(pod: V1Pod): VllmApi {
    return new VllmApi({ endpoint: `${this.#settings.addressOf(pod)}/v1`, apiKey: this.#settings.apiKey });
  }
}

const matches = (
  labels: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): boolean => Object.entries(wanted).every(([name, value]) => labels?.[name] === value);

const specOf = (object: object): string => JSON.stringify('spec' in object ? object.spec : null);
