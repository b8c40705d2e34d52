import type { V1Pod } from '@kubernetes/client-node';
import { type ArtifactStore, PortError, type ServedRelease, type ServingPlatform } from '../../activities/ports.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import { readAdapterManifest } from '../adapter-manifest.js';
import {
  addDesired,
  desiredOf,
  type DesiredRelease,
  type DesiredReleases,
  readDesired,
  removeDesired,
} from '../vllm-serving/desired-adapters.js';
import { VllmApi } from '../vllm-serving/vllm-api.js';
import type { Cluster } from './cluster.js';
import { gpuRoom } from './gpu-room.js';
import { namesOf, PodAdapters } from './pod-adapters.js';
import { podReady, podTrouble } from './pod-trouble.js';
import { groupLabels, type PodSet, type Pool, poolLabels, poolName, poolPort } from './pool.js';
import { PoolObjects, type Served } from './pool-objects.js';
import { ownerOfPods, progressOf, workloadKind } from './workload.js';

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
  now?: () => Date;
}

/**
 * Releases as LoRA adapters of vLLM pods in Kubernetes, one pool of pods for each base. What should be served stands
 * in the store before anything is loaded, so that a pod which comes back gets its adapters again (`reconcile`) before
 * it is ready: our condition is a gate of its readiness. A pool goes away with the last release on it.
 */
export class KubernetesServing implements ServingPlatform {
  readonly #settings: KubernetesServingSettings;
  readonly #adapters: PodAdapters;
  readonly #objects: PoolObjects;

  constructor(settings: KubernetesServingSettings) {
    this.#settings = settings;
    this.#objects = new PoolObjects({ now: () => new Date(), ...settings });
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
    const set = this.#setOf({ releaseId, release: { model, base, adapter } });
    if (adapter !== null) await readAdapterManifest({ store, adapter });
    const { replaces } = await addDesired({ store, releaseId, release: { model, base, adapter } });
    await this.#objects.apply({ ...this.#servedBy({ set, releases: await readDesired({ store }) }), wake: true });
    if (replaces) await this.#adapters.unload({ set, names: namesOf({ set, releaseId, model }) });
    await this.#settle(set);
    const endpoint = `http://${poolName(set)}.${namespace}.svc:${poolPort}/v1`;
    // A Service answers for its own base at most.
    return { endpoint, liveEndpoint: endpoint, adapter: adapter === null ? base : releaseId, alone: true };
  }

  /** Room for the pods that the base's pool lacks, and a place for one adapter more in their memory. */
  async capacity({
    releaseId,
    base,
  }: {
    releaseId: string;
    base: string;
  }): Promise<{ enough: boolean; reason: string }> {
    const { cluster, namespace, store } = this.#settings;
    const pool = this.#poolOf(base);
    const [nodes, pods, quotas] = await Promise.all([
      cluster.nodes(),
      cluster.allPods(),
      cluster.quotas({ namespace }),
    ]);
    const desired = await readDesired({ store });
    const placed = (set: Pick<PodSet, 'base' | 'releaseId'>): number =>
      pods.filter(({ metadata, spec }) => spec?.nodeName !== undefined && matches(metadata?.labels, groupLabels(set)))
        .length;
    // What is deployed is woken, where a pool may sleep.
    const least = Math.max(1, pool.replicas.least) * pool.machines;
    const sets = pool.apart ? this.#setsOf(desired).filter((set) => set.base === base) : [{ base, releaseId: null }];
    const lacking = sets.reduce((sum, set) => sum + Math.max(0, least - placed(set)), 0);
    const isNew = !Object.hasOwn(desired, releaseId);
    // Where releases are kept apart, one more needs pods of its own.
    const wanted = pool.apart && isNew ? lacking + least : lacking;
    const room = gpuRoom({ pool, wanted, nodes, pods, quotas });
    if (!room.enough) return { enough: false, reason: `${base}: ${room.reason}` };
    const adapters = Object.entries(desired).filter(
      ([id, one]) => id !== releaseId && one.base === base && one.adapter !== null,
    ).length;
    const places = `${adapters} other adapters`;
    if (!pool.apart && adapters >= pool.adapters.inMemory)
      return { enough: false, reason: `${base}: ${places} >= ${pool.adapters.inMemory} that its pods keep` };
    return { enough: true, reason: `${base}: ${room.reason}; ${places} < ${pool.adapters.inMemory}` };
  }

  async readiness({ releaseId }: { releaseId: string }): Promise<{ ready: boolean; reason: string }> {
    const releases = await readDesired({ store: this.#settings.store });
    if (!Object.hasOwn(releases, releaseId)) return { ready: false, reason: `${releaseId} is not deployed` };
    const release = releases[releaseId]!;
    try {
      const served = this.#servedBy({ set: this.#setOf({ releaseId, release }), releases });
      return await this.#look({ served, name: release.adapter === null ? release.base : releaseId });
    } catch (error) {
      if (error instanceof PortError) return { ready: false, reason: error.message };
      throw error;
    }
  }

  async retire({ releaseId }: { model: string; releaseId: string }): Promise<void> {
    const { store } = this.#settings;
    const before = await readDesired({ store });
    if (!Object.hasOwn(before, releaseId)) return;
    const set = this.#setOf({ releaseId, release: before[releaseId]! });
    const used = (releases: DesiredReleases): boolean =>
      this.#setsOf(releases).some((other) => poolName(other) === poolName(set));
    const { [releaseId]: _own, ...others } = before;
    // Forgotten last, so that whoever tries again after a failure finds what there is left to do.
    const last = !used(others);
    if (last) await this.#objects.remove(this.#servedBy({ set, releases: before }));
    const rest = await removeDesired({ store, releaseId });
    // Others use the pods, or somebody began to meanwhile.
    if (used(rest)) await this.#objects.apply(this.#servedBy({ set, releases: rest }));
    if (!last) await this.#settle(set);
  }

  async served({ model }: { model: string }): Promise<string[]> {
    return await desiredOf({ store: this.#settings.store, model });
  }

  /**
   * Loads on every pod what it lacks and lets it become ready; what fails is named and keeps no other pod back. Ends
   * what pools keep of former settings.
   */
  async reconcile(): Promise<{ failed: { pod: string; reason: string }[] }> {
    const releases = await readDesired({ store: this.#settings.store });
    const failed = await Promise.all(
      this.#setsOf(releases).map(async (set) => {
        const lacking = await this.#settle(set);
        const served = this.#servedBy({ set, releases });
        await this.#objects.tidy({ ...served, ready: async () => (await this.#whyNotReady(served)) === null });
        return lacking;
      }),
    );
    return { failed: failed.flat() };
  }

  /** Objects of the pools in use that are not as they were applied. */
  async drift(): Promise<string[]> {
    const releases = await readDesired({ store: this.#settings.store });
    const drifted: string[] = [];
    for (const set of this.#setsOf(releases))
      drifted.push(...(await this.#objects.drift(this.#servedBy({ set, releases }))));
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
    const { apart, adapters } = this.#poolOf(base);
    const kept = apart ? releaseId : null;
    const baked =
      adapters.repository === null || adapter === null
        ? null
        : {
            image: `${adapters.repository}:${adapter.sha256}`,
            names: namesOf({ set: { releaseId: kept }, releaseId, model }),
          };
    return { base, releaseId: kept, alias: apart && adapter === null ? model : null, baked };
  }

  #setsOf(releases: DesiredReleases): PodSet[] {
    const sets = Object.entries(releases).map(([releaseId, release]) => this.#setOf({ releaseId, release }));
    return [...new Map(sets.map((set) => [poolName(set), set])).values()];
  }

  /** Pods that bring their adapter along take none at run time. */
  async #settle(set: PodSet): Promise<{ pod: string; reason: string }[]> {
    return this.#poolOf(set.base).adapters.repository === null ? await this.#adapters.settle({ set }) : [];
  }

  #servedBy({ set, releases }: { set: PodSet; releases: DesiredReleases }): Served {
    const name = poolName(set);
    const names = Object.entries(releases).flatMap(([releaseId, release]) =>
      poolName(this.#setOf({ releaseId, release })) === name ? [releaseId] : [],
    );
    return { set, pool: this.#poolOf(set.base), releases: names.toSorted() };
  }

  async #look({ served, name }: { served: Served; name: string }): Promise<{ ready: boolean; reason: string }> {
    const notReady = await this.#whyNotReady(served);
    if (notReady !== null) {
      const woken = notReady.asleep && (await this.#objects.wake(served));
      return { ready: false, reason: `${notReady.reason}${woken ? ', as nobody asked for long; it is woken' : ''}` };
    }
    const pods = (await this.#podsOf(poolLabels(served.set))).filter(podReady);
    for (const pod of pods) {
      const models = await this.#api(pod).models();
      if (!models.has(name))
        return {
          ready: false,
          reason: `${name} is not loaded on pod ${pod.metadata?.name}; it serves ${[...models].join(', ')}`,
        };
    }
    await this.#api(pods[0]!).askOneToken({ name });
    return { ready: true, reason: `${name} answers on ${pods.length} pods` };
  }

  /** Why a set does not answer, with what its pods say; null where it does. */
  async #whyNotReady(served: Served): Promise<{ reason: string; asleep: boolean } | null> {
    const name = poolName(served.set);
    const found = await this.#objects.workload(served);
    if (found === null) return { reason: `${workloadKind(served.pool).kind} ${name} is gone`, asleep: false };
    const { wanted, current, stuck } = progressOf(found);
    if (wanted === 0) return { reason: `${name} has no pods`, asleep: true };
    // Pods of a former kind of workload answer until those of this one do.
    const pods = (await this.#podsOf(groupLabels(served.set))).filter(({ metadata }) =>
      metadata?.ownerReferences?.some(({ kind }) => kind === ownerOfPods(served.pool)),
    );
    const answering = pods.filter((pod) => podReady(pod) && matches(pod.metadata?.labels, poolLabels(served.set)));
    const all = wanted * served.pool.machines;
    const ready = pods.filter(podReady).length;
    if (current && answering.length >= wanted && ready >= all) return null;
    const troubles = await this.#troubles(pods);
    const short = `${ready} of ${all} pods of ${name} are ready`;
    return { reason: [short, ...(stuck === null ? [] : [stuck]), ...troubles].join('; '), asleep: false };
  }

  async #troubles(pods: readonly V1Pod[]): Promise<string[]> {
    const told = await Promise.all(
      pods.map(async (pod) => {
        const trouble = podTrouble(pod);
        if (trouble === null) return [];
        const log = await this.#settings.cluster.log({ pod, previous: trouble.previous });
        return [`pod ${trouble.pod}: ${trouble.reason}${log === '' ? '' : `\n${log}`}`];
      }),
    );
    return told.flat();
  }

  #podsOf(labels: Readonly<Record<string, string>>): Promise<V1Pod[]> {
    const { cluster, namespace } = this.#settings;
    return cluster.pods({ namespace, labels });
  }

  #api(pod: V1Pod): VllmApi {
    return new VllmApi({ endpoint: `${this.#settings.addressOf(pod)}/v1`, apiKey: this.#settings.apiKey });
  }
}

const matches = (
  labels: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): boolean => Object.entries(wanted).every(([name, value]) => labels?.[name] === value);
