import { setTimeout as wait } from 'node:timers/promises';
import { PortError } from '../../activities/ports.js';
import type { TrafficPlan } from '../../domain/rollout/traffic-plan.js';
import type { TrafficSplit } from '../followed-router.js';
import { type Cluster, foreign, isOurs } from '../kubernetes/cluster.js';
import { acceptance, type HttpRoute, revisionAnnotation, routeOf, type Routes, splitOf } from './http-route.js';

const lookMilliseconds = 200;

/**
 * Splits by weights of HTTPRoutes of the Gateway API. A route shows which revision of the plan it is of, and is changed
 * by its resource version only, so that a late writer can't bring an older plan back.
 */
export class HttpRouteSplit implements TrafficSplit {
  readonly #cluster: Cluster;
  readonly #routes: Routes;
  readonly #acceptMilliseconds: number;

  constructor({
    cluster,
    routes,
    acceptMilliseconds = 10_000,
  }: {
    cluster: Cluster;
    routes: Routes;
    /** How long a gateway may take to say that it goes by a route. */
    acceptMilliseconds?: number;
  }) {
    this.#cluster = cluster;
    this.#routes = routes;
    this.#acceptMilliseconds = acceptMilliseconds;
  }

  async show({ plan }: { plan: TrafficPlan }): Promise<void> {
    const wanted = routeOf({ plan, routes: this.#routes });
    const found = await this.#cluster.read<HttpRoute>(wanted);
    if (found !== null && !isOurs(found)) throw foreign(found);
    if (shownRevision(found) > plan.revision) return;
    if (found === null || shownRevision(found) < plan.revision || splitOf(found) !== splitOf(wanted)) {
      const resourceVersion = found?.metadata?.resourceVersion;
      const metadata = { ...wanted.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
      await this.#cluster.apply({ object: { ...wanted, metadata } });
    }
    await this.#readBack({ wanted });
  }

  /** Waits until a gateway goes by what was applied. */
  async #readBack({ wanted }: { wanted: HttpRoute }): Promise<void> {
    const name = `HTTPRoute ${wanted.metadata?.namespace}/${wanted.metadata?.name}`;
    const until = Date.now() + this.#acceptMilliseconds;
    for (;;) {
      const found = await this.#cluster.read<HttpRoute>(wanted);
      if (found === null || splitOf(found) !== splitOf(wanted))
        throw new PortError(
          'Conflict',
          `${name}: shows ${found === null ? 'nothing' : splitOf(found)}, not ${splitOf(wanted)}`,
        );
      const { accepted, refusal } = acceptance(found);
      if (refusal !== null) throw new PortError('Unavailable', `${name}: ${refusal}`);
      if (accepted) return;
      if (Date.now() > until)
        throw new PortError('Unavailable', `${name}: no gateway has accepted it in ${this.#acceptMilliseconds} ms`);
      await wait(lookMilliseconds);
    }
  }
}

const shownRevision = (route: HttpRoute | null): number =>
  Number(route?.metadata?.annotations?.[revisionAnnotation] ?? '0');
