import type { Orphan } from '../../contracts/orphans.js';
import { digestOf } from '../../domain/release/evidence.js';
import type { Clock } from '../clock.js';
import { PortError, type Ports } from '../ports.js';
import { createTrafficActivities } from '../traffic.js';
import { lookForOrphans, type Looked, type OrphanPorts } from './look-for-orphans.js';
import { noteOrphans, noteTold, type NotedOrphan } from './orphan-ledger.js';

/** How many a workflow is told of at once; the next sweep finds the others. */
const mostOrphans = 50;

const hour = 3_600_000;
/** What nobody could be told of is removed so much later all the same: it costs money for as long as it stands. */
const untoldMilliseconds = 24 * hour;
/** What people were told of late, as nobody could tell them before, is left to them for so long at least. */
const noticeMilliseconds = hour;

function isDue({ orphan, now, grace }: { orphan: NotedOrphan; now: string; grace: number }): boolean {
  const since = (at: string): number => Date.parse(now) - Date.parse(at);
  const { firstSeenAt, toldAt } = orphan;
  if (toldAt === null) return since(firstSeenAt) >= grace + untoldMilliseconds;
  return since(firstSeenAt) >= grace && since(toldAt) >= Math.min(grace, noticeMilliseconds);
}

const withoutToldAt = ({ kind, model, name, firstSeenAt }: NotedOrphan): Orphan => ({ kind, model, name, firstSeenAt });

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
      // Closes this plan alone: the release that runs has a higher epoch, writes over it, and its own plan stands.
      owner: plan!.owner,
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

    /**
     * What belongs to no release now, with since when; `fresh` is what nobody was told of yet. `freshKey` names those, so
     * that another set of them is another message.
     */
    async findOrphans({
      model,
    }: {
      model: string;
    }): Promise<{ orphans: Orphan[]; fresh: Orphan[]; freshKey?: string }> {
      const { orphans: seen } = await lookForOrphans({ ports: ports(), model });
      const noted = await noteOrphans({ store, model, seen, now: clock.now() });
      const fresh = noted
        .filter(({ toldAt }) => toldAt === null)
        .slice(0, mostOrphans)
        .map(withoutToldAt);
      const orphans = noted.slice(0, mostOrphans).map(withoutToldAt);
      return { orphans, fresh, freshKey: digestOf(fresh).slice(0, 16) };
    },

    /**
     * Looks once more, and removes what has been an orphan for longer than the grace and was told of, or for a day longer.
     * What can't be removed keeps none of the others; the call rejects once all were tried.
     */
    async removeOrphans({
      model,
      graceMilliseconds,
      told = [],
    }: {
      model: string;
      graceMilliseconds: number;
      /** Of what people have just been told. */
      told?: Orphan[];
    }): Promise<{ removed: Orphan[] }> {
      if (told.length > 0) await noteTold({ store, model, told, now: clock.now() });
      const looked = await lookForOrphans({ ports: ports(), model });
      const now = clock.now();
      const orphans = await noteOrphans({ store, model, seen: looked.orphans, now });
      const due = orphans.filter((orphan) => isDue({ orphan, now, grace: graceMilliseconds })).map(withoutToldAt);
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
