import type { Orphan } from '../../contracts/orphans.js';
import { workflowIds } from '../../contracts/names.js';
import { storeKeys } from '../../contracts/store-keys.js';
import type { LifecycleState } from '../../domain/release/lifecycle-state.js';
import { neededReleases } from '../../domain/release/needed-releases.js';
import { releaseRecordSchema, type ReleaseRecord } from '../../domain/release/release-record.js';
import { releaseNumber, remainsOf } from '../../domain/release/remains.js';
import type { TrafficPlan } from '../../domain/rollout/traffic-plan.js';
import { PortError, type AuditKeys, type Ports } from '../ports.js';
import type { Lifecycles } from './lifecycles-port.js';
import { readJson } from '../stored-json.js';

/** Jobs of older releases than so many have ended long ago. */
const newestReleases = 50;

export type OrphanPorts = Pick<Ports, 'store' | 'trainer' | 'serving' | 'router' | 'registry'> & {
  lifecycles: Lifecycles;
  auditKeys: AuditKeys;
};

export type Unseen = Omit<Orphan, 'firstSeenAt'>;

/** What of a model stands outside and what its lifecycle still needs, as of one moment. */
export interface Looked {
  state: LifecycleState;
  plan: TrafficPlan | null;
  orphans: Unseen[];
}

/** Nobody can say what a model needs. */
export class NoLifecycle extends PortError {
  constructor(model: string) {
    super('NotFound', `no lifecycle of ${model} runs that could say what it needs`);
  }
}

/**
 * Looks at everything outside that is named after a release of `model`, and leaves out what may still be needed. Where
 * the lifecycle can't be asked it rejects, since then nobody knows.
 * @throws NoLifecycle where no lifecycle of the model runs.
 */
export async function lookForOrphans({ ports, model }: { ports: OrphanPorts; model: string }): Promise<Looked> {
  const { store, trainer, serving, router, registry, lifecycles } = ports;
  const plan = await router.read({ model });
  const records = await readRecords({ ports, model });
  const state = await lifecycles.describe({ model });
  if (!state) throw new NoLifecycle(model);
  const needed = new Set([
    ...neededReleases({ state, kept: keptByRecords({ model, plan, records, state }) }),
    ...(await aliased()),
    ...(plan ? [plan.champion.releaseId] : []),
    ...(plan?.lease ? [plan.lease.fallback.releaseId] : []),
  ]);
  const running = new Map<string, Promise<boolean>>();
  /** A release that is gone from the lifecycle may still be giving things back. */
  const isLive = (releaseId: string): Promise<boolean> => {
    const known = running.get(releaseId);
    if (known) return known;
    const ids = [workflowIds.release(releaseId), workflowIds.rollout(releaseId)];
    const asked = Promise.all(ids.map((workflowId) => lifecycles.isRunning({ workflowId }))).then((all) =>
      all.some(Boolean),
    );
    running.set(releaseId, asked);
    return asked;
  };
  const isOrphan = async (releaseId: string): Promise<boolean> =>
    releaseNumber({ model, releaseId }) !== null && !needed.has(releaseId) && !(await isLive(releaseId));
  return {
    ...{ state, plan },
    orphans: [
      ...(await jobs()),
      ...(await endpoints()),
      ...(await traffic()),
      ...(await weights()),
      ...(await stages()),
    ],
  };

  async function aliased(): Promise<string[]> {
    const found = await Promise.all(
      ['champion', 'challenger', 'promote'].map((alias) => registry.aliasTarget({ model, alias })),
    );
    return found.flatMap((one) => one?.releaseId ?? []);
  }

  async function jobs(): Promise<Unseen[]> {
    const found: Unseen[] = [];
    const first = Math.max(1, state!.releaseCount - newestReleases + 1);
    for (let number = first; number <= state!.releaseCount; number += 1) {
      const releaseId = `${model}-r${number}`;
      if (!(await isOrphan(releaseId))) continue;
      const name = `train-${releaseId}`;
      const status = await trainer.status({ jobName: name }).catch(nullIfNotFound);
      if (status?.state === 'running') found.push({ kind: 'job', model, name });
    }
    return found;
  }

  async function endpoints(): Promise<Unseen[]> {
    const found: Unseen[] = [];
    for (const name of await serving.served({ model }))
      if (await isOrphan(name)) found.push({ kind: 'endpoint', model, name });
    return found;
  }

  async function traffic(): Promise<Unseen[]> {
    const challenger = plan?.challenger?.releaseId;
    if (!plan || challenger === undefined || !(await isOrphan(challenger))) return [];
    return [{ kind: 'traffic', model, name: `revision ${plan.revision} names ${challenger}` }];
  }

  /**
   * What stands where an ended release has put its adapter, whether its record names it or not: an upload that broke off
   * and a workflow that was lost leave it to nobody. A release with a version in the registry may be asked for by name,
   * however it ended, and its record need not know of it: its adapter stays.
   */
  async function weights(): Promise<Unseen[]> {
    const found: Unseen[] = [];
    for (const { releaseId, tracking } of records) {
      if (tracking?.modelVersion != null || !(await isOrphan(releaseId))) continue;
      const name = storeKeys.release({ releaseId, file: 'adapter/' });
      if (!(await stands(name)) || (await registry.versionOf({ model, releaseId }))) continue;
      found.push({ kind: 'weights', model, name });
    }
    return found;
  }

  async function stands(prefix: string): Promise<boolean> {
    for await (const { key } of store.list({ prefix })) if (key.startsWith(prefix)) return true;
    return false;
  }

  async function stages(): Promise<Unseen[]> {
    const prefix = storeKeys.ingestStage({ name: model, date: '', file: '' }).replace(/\/+$/, '/');
    const dates = new Set<string>();
    for await (const { key } of store.list({ prefix })) dates.add(key.slice(prefix.length).split('/')[0]!);
    if (dates.size === 0 || (await lifecycles.isRunning({ workflowId: workflowIds.ingest(model) }))) return [];
    return [...dates].map((date) => ({ kind: 'stage', model, name: `${prefix}${date}/` }));
  }
}

function nullIfNotFound(error: unknown): null {
  if (error instanceof PortError && error.type === 'NotFound') return null;
  throw error;
}

/** What a new lifecycle would go on from. A champion without a record leaves only what the lifecycle says. */
function keptByRecords({
  model,
  plan,
  records,
  state,
}: {
  model: string;
  plan: TrafficPlan | null;
  records: readonly ReleaseRecord[];
  state: LifecycleState;
}) {
  try {
    const now = new Date(0).toISOString();
    const { keepReleases, releaseCount } = state;
    const { champion, previous } = remainsOf({ model, plan, records, keepReleases, releaseCount, now });
    return [champion, ...previous].flatMap((one) => one ?? []);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

async function readRecords({
  ports: { store },
  model,
}: {
  ports: OrphanPorts;
  model: string;
}): Promise<ReleaseRecord[]> {
  const records: ReleaseRecord[] = [];
  for await (const { key } of store.list({ prefix: storeKeys.releases({ model }) })) {
    const [, releaseId, file] = key.split('/');
    if (file !== 'record.json' || releaseNumber({ model, releaseId: releaseId! }) === null) continue;
    const one = await readJson({ store, key, schema: releaseRecordSchema });
    if (one) records.push(one);
  }
  return records;
}
