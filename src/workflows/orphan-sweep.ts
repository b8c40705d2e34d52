import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { Orphan, OrphanSweepInput, OrphanSweepResult } from '../contracts/orphans.js';
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
 * orphan for longer than the grace. A model whose lifecycle can't be asked is left alone.
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
      const { orphans, fresh } = await call(`look for orphans of ${one}`).findOrphans({ model: one });
      result.orphans.push(...orphans);
      if (!remove) continue;
      if (fresh.length > 0) await tell(one, fresh);
      if (orphans.length === 0) continue;
      const { removed } = await call(`remove orphans of ${one}`).removeOrphans({ model: one, graceMilliseconds });
      result.removed.push(...removed);
    } catch (error) {
      result.skipped.push({ model: one, reason: rootMessage(error) });
    }
  }
  return shown(result);

  async function tell(ofModel: string, fresh: readonly Orphan[]): Promise<void> {
    await call('tell people of orphans').sendNotification({
      key: `${ofModel}/orphans/${fresh[0]!.firstSeenAt}`,
      severity: 'warning',
      title: `${ofModel}: ${fresh.length} left over, belonging to no release`,
      body: [...fresh.map(line), `removed after ${graceMilliseconds / 3_600_000} h unless a release needs them`].join(
        '\n',
      ),
      ...{ model: ofModel, releaseId: null },
    });
  }
}
