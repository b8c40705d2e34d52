import type { FoundOrphans, Orphan } from '../../contracts/orphans.js';
import { digestOf } from '../../domain/release/evidence.js';
import type { Clock } from '../clock.js';
import { PortError, type Ports } from '../ports.js';
import { createTrafficActivities } from '../traffic.js';
import { begunModels } from './begun-models.js';
import { lookForOrphans, NoLifecycle, type Looked, type OrphanPorts } from './look-for-orphans.js';
import { noteOrphans, noteTold, noteUnswept, type NotedOrphan } from './orphan-ledger.js';

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
  given: Pick<Ports, 'store' | 'trainer' | 'serving' | 'router' | 'registry' | 'audit' | 'lifecycles' | 'auditKeys'> & {
    clock: Clock;
  },
) {
  const { store, trainer, serving, router, audit, clock } = given;
  const traffic = createTrafficActivities(given);

  function ports(): OrphanPorts {
    const { lifecycles, auditKeys } = given;
    if (lifecycles && auditKeys) return { ...given, lifecycles, auditKeys };
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

  async function unswept({ model, why }: { model: string; why: string }): Promise<FoundOrphans> {
    const since = await noteUnswept({ store, model, now: clock.now() });
    const reason = `${why}, since ${since} or longer; what it may have left, such as a job or an endpoint, goes on: begin its lifecycle again with "understudy apply", and then end it with "understudy remove ${model}" where nobody wants it any more`;
    return { orphans: [], fresh: [], unswept: { reason, since } };
  }

  return {
    /**
     * The models with a lifecycle that says what it needs, and those that have begun and have none, though nobody has
     * removed them: what they left can't be told, but that nobody looks after them can.
     */
    async listSweptModels(): Promise<string[]> {
      const { lifecycles, auditKeys } = ports();
      const known = await lifecycles.models();
      return [...known, ...(await begunModels({ store, router, auditKeys, known }))].sort();
    },

    /** What belongs to no release now, with since when. */
    async findOrphans({ model }: { model: string }): Promise<FoundOrphans> {
      const looked = await lookForOrphans({ ports: ports(), model }).catch((error: unknown) => {
        if (error instanceof NoLifecycle) return error;
        throw error;
      });
      if (looked instanceof NoLifecycle) return await unswept({ model, why: looked.message });
      const noted = await noteOrphans({ store, model, seen: looked.orphans, now: clock.now() });
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
