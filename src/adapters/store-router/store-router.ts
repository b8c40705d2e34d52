import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type ArtifactStore, PortError, type TrafficRouter } from '../../activities/ports.js';
import {
  type PlanChange,
  type PlanOwner,
  type TrafficPlan,
  mayWrite,
  nextPlan,
  trafficPlanSchema,
} from '../../domain/rollout/traffic-plan.js';
import { highestRevision } from '../store-audit/highest-revision.js';

interface Found {
  plan: TrafficPlan | null;
  version: string | null;
}

/** Each lost attempt means that somebody else's write went through, so few are ever needed. */
const attempts = 20;

/** Below it stand the traffic plans of all models. */
export const plansPrefix = 'traffic/';

/** The store key of a model's traffic plan; gateways read it there. */
export const planKey = (model: string): string => `${plansPrefix}${model}.json`;

/** The model whose plan stands at a key. */
export const modelOf = (key: string): string => key.slice(plansPrefix.length).replace(/\.json$/, '');

/**
 * Traffic plans in the artifact store, written by compare-and-set.
 *
 * `write` with `expectedRevision` null takes whatever plan stands, fenced by owner alone; with a number it rejects
 * with type `Conflict` when another revision stands. What it would write again on top of itself (same owner, same
 * change, lease not lapsed; `lease.until` and `at` aside) it returns as it is, so that a repeated attempt adds no
 * revision. The first plan after one that was removed goes on from its revision. `renewLease` answers null for a lease that has lapsed too: a late watcher must not bring a share back.
 */
export class StoreRouter implements TrafficRouter {
  readonly #store: ArtifactStore;
  readonly #now: () => Date;

  constructor({ store, now = () => new Date() }: { store: ArtifactStore; now?: () => Date }) {
    this.#store = store;
    this.#now = now;
  }

  async read({ model }: { model: string }): Promise<TrafficPlan | null> {
    return (await this.#find(model)).plan;
  }

  write({
    model,
    owner,
    change,
    expectedRevision,
  }: {
    model: string;
    owner: PlanOwner;
    change: PlanChange;
    expectedRevision: number | null;
  }): Promise<TrafficPlan> {
    return this.#settle(model, async (found) => {
      const current = found.plan;
      if (current && !mayWrite({ current, owner })) throw fenced({ current, owner });
      const highest = current?.revision ?? (await highestRevision({ store: this.#store, model }));
      const next = this.#next({ current, highest, model, owner, change });
      if (current && this.#stands({ current, next, expectedRevision })) return current;
      if (expectedRevision !== null && expectedRevision !== (current?.revision ?? 0))
        throw new PortError(
          'Conflict',
          `traffic plan of ${model}: revision ${current?.revision ?? 0} stands, revision ${expectedRevision} was expected; read it and decide again`,
        );
      return (await this.#set({ found, next })) ? next : 'lost';
    });
  }

  renewLease({
    model,
    revision,
    owner,
    until,
  }: {
    model: string;
    revision: number;
    owner: PlanOwner;
    until: string;
  }): Promise<TrafficPlan | null> {
    return this.#settle(model, async (found) => {
      const { plan } = found;
      if (!plan?.lease || plan.revision !== revision || !isDeepStrictEqual(plan.owner, owner)) return null;
      if (this.#lapsed(plan)) return null;
      if (Date.parse(until) <= Date.parse(plan.lease.until)) return plan;
      const next = checked({ model, plan: { ...plan, lease: { ...plan.lease, until } } });
      return (await this.#set({ found, next })) ? next : 'lost';
    });
  }

  async #find(model: string): Promise<Found> {
    const object = await this.#store.get({ key: planKey(model) });
    if (!object) return { plan: null, version: null };
    return { plan: parsed({ model, body: object.body }), version: object.version };
  }

  /** Reads and tries until an attempt is not lost; a store that can't tell who won counts as lost. */
  async #settle<Result>(model: string, attempt: (found: Found) => Promise<Result | 'lost'>): Promise<Result> {
    for (let done = 0; done < attempts; done += 1) {
      const result = await attempt(await this.#find(model));
      if (result !== 'lost') return result;
    }
    throw new PortError('Conflict', `traffic plan of ${model}: ${attempts} attempts lost against other writers`);
  }

  async #set({ found, next }: { found: Found; next: TrafficPlan }): Promise<boolean> {
    const body = Buffer.from(`${JSON.stringify(next, null, 2)}\n`);
    try {
      const key = planKey(next.model);
      return (await this.#store.compareAndSet({ key, body, expected: found.version })) !== null;
    } catch (error) {
      if (error instanceof PortError && error.type === 'Conflict') return false;
      throw error;
    }
  }

  #next(input: {
    current: TrafficPlan | null;
    highest: number;
    model: string;
    owner: PlanOwner;
    change: PlanChange;
  }): TrafficPlan {
    try {
      return nextPlan({ ...input, salt: randomBytes(16).toString('hex'), at: this.#now().toISOString() });
    } catch (error) {
      throw new PortError('InvalidInput', `traffic plan of ${input.model}: ${messageOf(error)}`, null, {
        cause: error,
      });
    }
  }

  #stands({
    current,
    next,
    expectedRevision,
  }: {
    current: TrafficPlan;
    next: TrafficPlan;
    expectedRevision: number | null;
  }): boolean {
    const ours = expectedRevision === null || [expectedRevision, expectedRevision + 1].includes(current.revision);
    return ours && !this.#lapsed(current) && isDeepStrictEqual(substance(current), substance(next));
  }

  #lapsed(plan: TrafficPlan): boolean {
    return plan.lease !== null && this.#now().getTime() >= Date.parse(plan.lease.until);
  }
}

/** A plan without what differs between two attempts at the same write. */
const substance = (plan: TrafficPlan): unknown => ({
  ...plan,
  revision: null,
  at: null,
  lease: plan.lease && { fallback: plan.lease.fallback },
});

const fenced = ({ current, owner }: { current: TrafficPlan; owner: PlanOwner }): PortError =>
  new PortError(
    'PlanFenced',
    `traffic plan of ${current.model}: revision ${current.revision} belongs to ${current.owner.workflowId} epoch ${current.owner.epoch}; ${owner.workflowId} epoch ${owner.epoch} may not write over it`,
  );

function parsed({ model, body }: { model: string; body: Uint8Array }): TrafficPlan {
  let plan: unknown;
  try {
    plan = JSON.parse(Buffer.from(body).toString());
  } catch (error) {
    throw new PortError('InvalidInput', `${planKey(model)}: ${messageOf(error)}`, null, { cause: error });
  }
  return checked({ model, plan });
}

function checked({ model, plan }: { model: string; plan: unknown }): TrafficPlan {
  const result = trafficPlanSchema.safeParse(plan);
  if (result.success) return result.data;
  throw new PortError('InvalidInput', `${planKey(model)}: ${result.error.message}`, null, { cause: result.error });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
