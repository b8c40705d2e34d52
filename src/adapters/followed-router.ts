import { type ArtifactStore, PortError, type TrafficRouter } from '../activities/ports.js';
import { effectivePlan, type PlanChange, type PlanOwner, type TrafficPlan } from '../domain/rollout/traffic-plan.js';
import { modelOf, plansPrefix, StoreRouter } from './store-router/store-router.js';

/** Something outside that splits requests by weights, such as a route of a cluster or the variants of an endpoint. */
export interface TrafficSplit {
  /**
   * Makes the split that of the plan, reads it back, and resolves once it holds. Rejects with `Conflict` where somebody
   * else changed it meanwhile.
   */
  show(input: { plan: TrafficPlan }): Promise<void>;
}

/** Each lost attempt means that somebody else has written, so few are ever needed. */
const attempts = 10;

/**
 * Traffic plans in the store, which a split outside follows. The plan decides and is fenced as ever; what splits is
 * only made to show it. Whoever has shown a plan looks whether a newer one stands, so that of two writers the later
 * plan stays, and `follow` mends what a worker that died has left, and what a lease that lapsed has ended.
 */
export class FollowedRouter implements TrafficRouter {
  readonly #store: ArtifactStore;
  readonly #plans: StoreRouter;
  readonly #split: TrafficSplit;
  readonly #now: () => Date;

  constructor({
    store,
    split,
    now = () => new Date(),
  }: {
    store: ArtifactStore;
    split: TrafficSplit;
    now?: () => Date;
  }) {
    this.#store = store;
    this.#plans = new StoreRouter({ store, now });
    this.#split = split;
    this.#now = now;
  }

  read(input: { model: string }): Promise<TrafficPlan | null> {
    return this.#plans.read(input);
  }

  async write(input: {
    model: string;
    owner: PlanOwner;
    change: PlanChange;
    expectedRevision: number | null;
  }): Promise<TrafficPlan> {
    const plan = await this.#plans.write(input);
    await this.follow(input);
    return plan;
  }

  renewLease(input: { model: string; revision: number; owner: PlanOwner; until: string }): Promise<TrafficPlan | null> {
    return this.#plans.renewLease(input);
  }

  async follow({ model }: { model: string }): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const plan = await this.#plans.read({ model });
      if (plan === null) return;
      const { lapsed: _lapsed, ...shown } = effectivePlan({ plan, now: this.#now().toISOString() });
      const done = await this.#split.show({ plan: shown }).then(
        () => true,
        (error: unknown) => {
          if (error instanceof PortError && error.type === 'Conflict') return false;
          throw error;
        },
      );
      const standing = await this.#plans.read({ model });
      if (done && standing?.revision === plan.revision) return;
    }
    throw new PortError('Conflict', `split of ${model}: ${attempts} attempts lost against other writers`);
  }

  /** Follows the plans of all models; what goes wrong is told and keeps no other model back. */
  async followAll(): Promise<string[]> {
    const told: string[] = [];
    for await (const { key } of this.#store.list({ prefix: plansPrefix }))
      await this.follow({ model: modelOf(key) }).catch((error: unknown) => {
        told.push(error instanceof Error ? error.message : String(error));
      });
    return told;
  }
}
