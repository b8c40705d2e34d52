import { continueAsNew, log, patched, workflowInfo } from '@temporalio/workflow';
import type { Orphan, OrphanSweepInput, OrphanSweepResult, UnsweptModel } from '../contracts/orphans.js';
import { activitiesFor } from './activity-options.js';
import { pinned } from './pinned.js';
import { rootMessage } from './root-message.js';

pinned(orphanSweep);

/** So that a sweep over hundreds of models still has a result of a few kilobytes. */
const mostShown = 200;

/** As in a lifecycle; a model is some twenty events at most. */
const continueAfterEvents = 1000;

const shown = ({ orphans, removed, skipped }: OrphanSweepResult): OrphanSweepResult => ({
  orphans: orphans.slice(0, mostShown),
  removed: removed.slice(0, mostShown),
  skipped: skipped.slice(0, mostShown),
});

const line = ({ kind, name, firstSeenAt }: Orphan): string => `${kind} ${name}, since ${firstSeenAt}`;

/**
 * Finds what belongs to no release that runs or may serve, tells people of what is new, and removes what has been an
 * orphan for longer than the grace. A model whose lifecycle can't be asked is left alone; people are told of one that has
 * none.
 */
export async function orphanSweep(input: OrphanSweepInput): Promise<OrphanSweepResult> {
  const { model, remove, graceMilliseconds, rest } = input;
  const call = (summary: string) => activitiesFor({ profile: 'briefCall', queue: 'cluster', summary });
  const models = rest?.models ?? (model === null ? await call('list the models').listSweptModels() : [model]);
  const result: OrphanSweepResult = rest?.result ?? { orphans: [], removed: [], skipped: [] };
  for (const [at, one] of models.entries()) {
    if (workflowInfo().historyLength > continueAfterEvents)
      await continueAsNew<typeof orphanSweep>({ ...input, rest: { models: models.slice(at), result: shown(result) } });
    try {
      const found = await call(`look for orphans of ${one}`).findOrphans({ model: one });
      const { orphans, fresh, freshKey, unswept } = found;
      if (unswept) {
        result.skipped.push({ model: one, reason: unswept.reason });
        if (remove) await tellOfUnswept({ ofModel: one, unswept });
        continue;
      }
      result.orphans.push(...orphans);
      if (!remove) continue;
      const untold = fresh.length > 0 ? await tell({ ofModel: one, fresh, freshKey }) : null;
      if (orphans.length > 0) {
        const told = untold === null ? fresh : [];
        const removing = call(`remove orphans of ${one}`);
        const { removed } = await removing.removeOrphans({ model: one, graceMilliseconds, told });
        result.removed.push(...removed);
      }
      if (untold !== null) result.skipped.push({ model: one, reason: untold });
    } catch (error) {
      result.skipped.push({ model: one, reason: rootMessage(error) });
    }
  }
  return shown(result);

  /** The same message each time, so that people get it once; where it can't be sent, the next sweep tries again. */
  async function tellOfUnswept({ ofModel, unswept }: { ofModel: string; unswept: UnsweptModel }): Promise<void> {
    const { reason: body, since } = unswept;
    const title = `${ofModel} has no lifecycle, and nobody has removed it`;
    await call('tell people of a lost lifecycle')
      .sendNotification({
        ...{ key: `${ofModel}/no-lifecycle/${since}`, severity: 'warning', title, body },
        ...{ model: ofModel, releaseId: null },
      })
      .catch((error: unknown) => log.warn('nobody was told of a lost lifecycle', { error: rootMessage(error) }));
  }

  /** Why people could not be told; null where they were. */
  async function tell({
    ofModel,
    fresh,
    freshKey,
  }: {
    ofModel: string;
    fresh: readonly Orphan[];
    freshKey: string | undefined;
  }): Promise<string | null> {
    const hours = `${graceMilliseconds / 3_600_000} h`;
    try {
      await call('tell people of orphans').sendNotification({
        // Workers of an earlier version name the set of them by nothing.
        key: `${ofModel}/orphans/${freshKey ?? fresh[0]!.firstSeenAt}`,
        severity: 'warning',
        title: `${ofModel}: ${fresh.length} left over, belonging to no release`,
        body: [...fresh.map(line), `removed once left over for ${hours}, unless a release needs them`].join('\n'),
        ...{ model: ofModel, releaseId: null },
      });
      return null;
    } catch (error) {
      // Sweeps of 0.1.0 left the model alone, and had forgotten by the next one that nobody was told.
      if (!patched('remove-though-untold')) throw error;
      return `nobody could be told of what is left over, which is removed a day later than else: ${rootMessage(error)}`;
    }
  }
}
