import type { Orphan } from '../../contracts/orphans.js';
import { workflowIds } from '../../contracts/names.js';
import type { Clock } from '../clock.js';
import { PortError, type Ports } from '../ports.js';
import { createTrafficActivities } from '../traffic.js';
import { lookForOrphans, type Looked, type OrphanPorts } from './look-for-orphans.js';
import { noteOrphans } from './orphan-ledger.js';

/** How many a workflow is told of at once; the next sweep finds the others. */
const mostOrphans = 50;

/** Finding and removing what belongs to no release that runs or may serve. */
export function createOrphanActivities(
  given: Pick<Ports, 'store' | 'trainer' | 'serving' | 'router' | 'registry' | 'audit' | 'lifecycles'> & {
    clock: Clock;
  },
) {
  const { store, trainer, serving, audit, clock } = given;
  const traffic = createTrafficActivities(given);

  function ports(): OrphanPorts {
    if (given.lifecycles) return { ...given, lifecycles: given.lifecycles };
    throw new PortError('InvalidInput', 'this worker can ask no lifecycle, so that it can sweep nothing');
  }

  async function removeTraffic({ orphan, looked: { plan, state } }: { orphan: Orphan; looked: Looked }): Promise<void> {
    const { model } = orphan;
    await traffic.restoreChampion({
      model,
      // A release that has begun since then has a higher epoch, and its plan stands.
      owner: { workflowId: workflowIds.lifecycle(model), epoch: state.epoch },
      champion: state.champion?.target ?? plan!.champion,
      reason: `orphan sweep: ${orphan.name}, and no such release runs`,
    });
  }

  async function removeKeys(prefix: string): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of store.list({ prefix })) if (key.startsWith(prefix)) keys.push(key);
    for (const key of keys) await store.remove({ key });
  }

  async function removeOne({ orphan, looked }: { orphan: Orphan; looked: Looked }): Promise<void> {
    const { kind, model, name, firstSeenAt } = orphan;
    if (kind === 'job') await trainer.stop({ jobName: name });
    else if (kind === 'endpoint') await serving.retire({ model, releaseId: name });
    else if (kind === 'traffic') await removeTraffic({ orphan, looked });
    else await removeKeys(name);
    await audit.append({
      model,
      entry: {
        ...{ key: `orphan/${kind}/${name}/${firstSeenAt}`, kind: 'deletion', actor: 'orphan sweep', releaseId: null },
        reason: `${kind} ${name} belonged to no release that runs or may serve, since ${firstSeenAt}`,
        ...{ evidenceDigest: null, details: { kind, name, firstSeenAt } },
      },
    });
  }

  return {
    /** The models of which orphans can be told: those with a lifecycle that says what it needs. */
    async listSweptModels(): Promise<string[]> {
      return await ports().lifecycles.models();
    },

    /** What belongs to no release now, with since when; `fresh` was not there the last time. */
    async findOrphans({ model }: { model: string }): Promise<{ orphans: Orphan[]; fresh: Orphan[] }> {
      const { orphans: seen } = await lookForOrphans({ ports: ports(), model });
      const noted = await noteOrphans({ store, model, seen, now: clock.now() });
      return { orphans: noted.orphans.slice(0, mostOrphans), fresh: noted.fresh.slice(0, mostOrphans) };
    },

    /**
     * Looks once more, and removes what has been an orphan for longer than the grace. What can't be removed keeps none of
     * the others; the call rejects once all were tried.
     */
    async removeOrphans({
      model,
      graceMilliseconds,
    }: {
      model: string;
      graceMilliseconds: number;
    }): Promise<{ removed: Orphan[] }> {
      const looked = await lookForOrphans({ ports: ports(), model });
      const now = clock.now();
      const { orphans } = await noteOrphans({ store, model, seen: looked.orphans, now });
      const due = orphans.filter(({ firstSeenAt }) => Date.parse(now) - Date.parse(firstSeenAt) >= graceMilliseconds);
      const removed: Orphan[] = [];
      const failures: unknown[] = [];
      for (const orphan of due) {
        if (removed.length === mostOrphans) break;
        await removeOne({ orphan, looked }).then(
          () => removed.push(orphan),
          (error: unknown) => failures.push(error),
        );
      }
      if (failures.length > 0) throw failures[0];
      return { removed };
    },
  };
}
