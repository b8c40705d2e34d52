import type { KubernetesObject } from '@kubernetes/client-node';
import { PortError } from '../../activities/ports.js';
import { autoscalerKind, type ScaledObject, scaledObjectKind, wakeAnnotation } from './autoscaler.js';
import { type Cluster, foreign, isOurs } from './cluster.js';
import { leftoversOf, poolManifests } from './manifests.js';
import { type PodSet, type Pool, poolName } from './pool.js';
import { isWorkload, type Workload } from './workload.js';

/** When a pool was last woken, beside `wakeAnnotation`. */
const wokenAt = 'understudy.dev/woken-at';
/** Long enough for KEDA to have seen it several times; from then on the pool's own time without questions counts. */
const wakeMilliseconds = 120_000;

/** A set of pods and the releases that it answers for. */
export interface Served {
  set: PodSet;
  pool: Pool;
  releases: readonly string[];
}

/** The objects of pools in the cluster. */
export class PoolObjects {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #now: () => Date;
  /** Pools of which nothing is left of other settings: those change with the process only. */
  readonly #tidy = new Set<string>();

  constructor({ cluster, namespace, now }: { cluster: Cluster; namespace: string; now: () => Date }) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#now = now;
  }

  /** Applies everything of a pool. One that may sleep is woken where `wake` says so. */
  async apply({ wake = false, ...served }: Served & { wake?: boolean }): Promise<void> {
    const objects = this.#of(served);
    for (const object of objects) await this.#checkOurs(object);
    // Two that scale one workload would undo each other's work.
    const kinds: string[] = [autoscalerKind.kind, scaledObjectKind.kind];
    for (const object of leftoversOf(objects)) if (kinds.includes(object.kind!)) await this.#removeLeftover(object);
    for (const object of objects) await this.#cluster.apply({ object: wake ? this.#woken(object) : object });
  }

  /** Has KEDA give a pool that sleeps its first copy; false where the pool knows no sleep. */
  async wake(served: Served): Promise<boolean> {
    const [object] = this.#of(served).filter(({ kind }) => kind === scaledObjectKind.kind);
    if (object === undefined) return false;
    await this.#cluster.apply({ object: this.#woken(object) });
    return true;
  }

  async remove(served: Served): Promise<void> {
    const objects = this.#of(served);
    for (const object of leftoversOf(objects)) await this.#removeLeftover(object);
    for (const object of objects.toReversed()) if (!(await this.#isForeign(object))) await this.#cluster.remove(object);
  }

  /** What keeps the pods; null where it is gone. */
  async workload(served: Served): Promise<Workload | null> {
    return await this.#cluster.read(this.#of(served).find(isWorkload)!);
  }

  /**
   * Ends what a pool no longer needs: the pods of its former kind of workload, once those of the new one are ready, and
   * being kept awake, once KEDA has seen it.
   */
  async tidy({ ready, ...served }: Served & { ready: () => Promise<boolean> }): Promise<void> {
    const objects = this.#of(served);
    const name = poolName(served.set);
    if (!this.#tidy.has(name) && (await ready())) {
      for (const object of leftoversOf(objects)) await this.#removeLeftover(object);
      this.#tidy.add(name);
    }
    const [object] = objects.filter(({ kind }) => kind === scaledObjectKind.kind);
    if (object === undefined) return;
    const { metadata } = (await this.#cluster.read<ScaledObject>(object)) ?? {};
    const at = metadata?.annotations?.[wokenAt];
    if (at !== undefined && this.#now().getTime() - Date.parse(at) > wakeMilliseconds && (await ready()))
      await this.#cluster.apply({ object });
  }

  /** Objects that are not as they were applied, and what differs can't be told from the outside. */
  async drift(served: Served): Promise<string[]> {
    const drifted: string[] = [];
    for (const object of this.#of(served)) {
      const name = `${object.kind} ${object.metadata?.name}`;
      const now = await this.#cluster.read(object);
      const wanted = await this.#cluster.apply({ object, dryRun: true }).catch((error: PortError) => error);
      if (now === null) drifted.push(`${name}: is gone`);
      else if (wanted instanceof PortError) drifted.push(wanted.message);
      else if (specOf(now) !== specOf(wanted)) drifted.push(`${name}: was changed`);
    }
    return drifted;
  }

  /** What is applied over somebody else's object would be taken for ours from then on, and deleted with the pool. */
  async #checkOurs(object: KubernetesObject): Promise<void> {
    if (await this.#isForeign(object)) throw foreign(object);
  }

  async #isForeign(object: KubernetesObject): Promise<boolean> {
    const found = await this.#cluster.read(object);
    return found !== null && !isOurs(found);
  }

  #of({ set, pool, releases }: Served): KubernetesObject[] {
    return poolManifests({ set, pool, namespace: this.#namespace, releases });
  }

  #woken(object: KubernetesObject): KubernetesObject {
    if (object.kind !== scaledObjectKind.kind) return object;
    const annotations = { [wakeAnnotation]: 'true', [wokenAt]: this.#now().toISOString() };
    return { ...object, metadata: { ...object.metadata!, annotations } };
  }

  /** What this role may not touch it has never made. */
  async #removeLeftover(object: KubernetesObject): Promise<void> {
    await this.#cluster.remove(object).catch((error: unknown) => {
      if (!(error instanceof PortError && error.type === 'Unauthorised')) throw error;
    });
  }
}

const specOf = (object: object): string => JSON.stringify('spec' in object ? object.spec : null);
