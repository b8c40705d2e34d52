import type { V1Pod } from '@kubernetes/client-node';
import { type ArtifactStore, PortError } from '../../activities/ports.js';
import { type DesiredReleases, readDesired } from '../vllm-serving/desired-adapters.js';
import type { VllmApi } from '../vllm-serving/vllm-api.js';
import type { Cluster } from './cluster.js';
import { containersReady } from './pod-trouble.js';
import { adaptersLoaded, type PodSet, poolLabels, storeMount } from './pool.js';

/** Makes pods have the adapters that should be served, and lets those that lack nothing become ready. */
export class PodAdapters {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #store: ArtifactStore;
  readonly #apiOf: (pod: V1Pod) => VllmApi;

  constructor({
    cluster,
    namespace,
    store,
    apiOf,
  }: {
    cluster: Cluster;
    namespace: string;
    store: ArtifactStore;
    apiOf: (pod: V1Pod) => VllmApi;
  }) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#store = store;
    this.#apiOf = apiOf;
  }

  /** Loads what pods lack, unloads what nobody wants any more, and sets the condition of those that lack nothing. */
  async settle({ set }: { set: PodSet }): Promise<{ pod: string; reason: string }[]> {
    const pods = (await this.#cluster.pods({ namespace: this.#namespace, labels: poolLabels(set) })).filter(
      containersReady,
    );
    const looked = await Promise.all(pods.map((pod) => tried(pod, () => this.#apiOf(pod).models())));
    // Read after the pods: what one has is wanted before it is loaded, so nothing new is taken for left over.
    const desired = adaptersOf({ releases: await readDesired({ store: this.#store }), set });
    const ended = await Promise.all(
      looked.map(async (one) =>
        'reason' in one ? one : await tried(one.pod, () => this.#settle({ ...one, set, desired })),
      ),
    );
    return ended.flatMap((one) =>
      'reason' in one ? [{ pod: one.pod.metadata?.name ?? '?', reason: one.reason }] : [],
    );
  }

  async #settle({
    pod,
    value: models,
    set,
    desired,
  }: {
    pod: V1Pod;
    value: ReadonlySet<string>;
    set: PodSet;
    desired: readonly { name: string; path: string }[];
  }): Promise<void> {
    const wanted = new Set([set.base, set.alias, ...desired.map(({ name }) => name)]);
    for (const { name, path } of desired) if (!models.has(name)) await this.#apiOf(pod).load({ name, path });
    for (const name of models) if (!wanted.has(name)) await this.#apiOf(pod).unload({ name });
    const message = `${desired.length} adapters`;
    const condition = pod.status?.conditions?.find(({ type }) => type === adaptersLoaded);
    if (condition?.status === 'True' && condition.message === message) return;
    await this.#cluster.setCondition({ pod, type: adaptersLoaded, status: 'True', message });
  }

  async unload({ set, names }: { set: PodSet; names: readonly string[] }): Promise<void> {
    const pods = (await this.#cluster.pods({ namespace: this.#namespace, labels: poolLabels(set) })).filter(
      containersReady,
    );
    await Promise.all(pods.flatMap((pod) => names.map((name) => this.#apiOf(pod).unload({ name }))));
  }
}

/** What an adapter is asked for by; where releases are kept apart, by the model's name as well. */
export const namesOf = ({
  set,
  releaseId,
  model,
}: {
  set: Pick<PodSet, 'releaseId'>;
  releaseId: string;
  model: string;
}): string[] => (set.releaseId === null ? [releaseId] : [releaseId, model]);

/** The adapters that pods of a set should have, at their place in the volume of the store. */
const adaptersOf = ({ releases, set }: { releases: DesiredReleases; set: PodSet }): { name: string; path: string }[] =>
  Object.entries(releases).flatMap(([releaseId, { base, model, adapter }]) => {
    if (base !== set.base || adapter === null || ![null, releaseId].includes(set.releaseId)) return [];
    const path = `${storeMount}/${adapter.uri.replace('store://', '').replace(/\/[^/]+$/, '')}`;
    return namesOf({ set, releaseId, model }).map((name) => ({ name, path }));
  });

/** What a call for a pod has found, or why it could not. */
async function tried<Value>(
  pod: V1Pod,
  call: () => Promise<Value>,
): Promise<{ pod: V1Pod; value: Value } | { pod: V1Pod; reason: string }> {
  try {
    return { pod, value: await call() };
  } catch (error) {
    if (error instanceof PortError) return { pod, reason: error.message };
    throw error;
  }
}
