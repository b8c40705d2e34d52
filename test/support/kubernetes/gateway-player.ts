import { setTimeout as wait } from 'node:timers/promises';
import { CustomObjectsApi, type KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { HttpRoute } from '../../../src/adapters/http-route/http-route.js';

const kind = { group: 'gateway.networking.k8s.io', version: 'v1', plural: 'httproutes' };

/** Says of every route of a namespace what a gateway's controller says once it goes by it, or why it does not. */
export class GatewayPlayer {
  /** Why routes are refused; null while they are taken. */
  refusal: string | null = null;
  /** A controller that is away says nothing. */
  away = false;
  readonly #api: CustomObjectsApi;
  readonly #namespace: string;
  #ended = false;
  #playing: Promise<void> = Promise.resolve();

  constructor({ config, namespace }: { config: KubeConfig; namespace: string }) {
    this.#api = config.makeApiClient(CustomObjectsApi);
    this.#namespace = namespace;
  }

  start(): void {
    this.#playing = this.#play();
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#playing;
  }

  async #play(): Promise<void> {
    while (!this.#ended) {
      if (!this.away) await this.#answer().catch(() => null);
      await wait(20);
    }
  }

  async #answer(): Promise<void> {
    const { items } = (await this.#api.listNamespacedCustomObject({ ...kind, namespace: this.#namespace })) as {
      items: HttpRoute[];
    };
    for (const { metadata, spec, status } of items) {
      const { generation = 0, name = '' } = metadata ?? {};
      const [wanted, reason] = this.refusal === null ? ['True', 'Accepted'] : ['False', this.refusal];
      const told = status?.parents?.[0]?.conditions?.[0];
      if (told?.observedGeneration === generation && told.status === wanted) continue;
      const condition = { observedGeneration: generation, lastTransitionTime: new Date().toISOString(), message: '' };
      const conditions = [
        { type: 'Accepted', status: wanted, reason, ...condition },
        { type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', ...condition },
      ];
      const parents = spec!.parentRefs.map((parentRef) => ({
        ...{ parentRef, controllerName: 'test.understudy.dev/gateway', conditions },
      }));
      await this.#api.patchNamespacedCustomObjectStatus(
        { ...kind, namespace: this.#namespace, name, body: { status: { parents } } },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
      );
    }
  }
}
