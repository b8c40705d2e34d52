import type { Activities } from '../../../src/activities/index.js';
import type { StoreRouter } from '../../../src/adapters/store-router/store-router.js';

/** A first plan that was under way may land so much later. */
const landsMilliseconds = 1000;

/** What a scripted world does for a release that was lost; a first one that serves everyone is kept. */
export const fakeCleaning =
  ({
    router,
    served,
    jobs,
    aliases,
  }: {
    router: Pick<StoreRouter, 'read'>;
    served: Set<string>;
    jobs: Map<string, 'running' | 'done' | 'stopped'>;
    aliases: Record<string, string | null>;
  }): Activities['endLostRelease'] =>
  async ({ input: { releaseId, model, champion, specification }, reason }) => {
    if (jobs.get(`train-${releaseId}`) === 'running') jobs.set(`train-${releaseId}`, 'stopped');
    const ended = { stage: 'ended' as const, reasons: [reason], withdrawnAt: null, costUsd: 0 };
    if (!champion) await new Promise((resolve) => setTimeout(resolve, landsMilliseconds));
    const plan = champion ? null : await router.read({ model });
    const version = `version of ${releaseId}`;
    if (plan?.champion.releaseId === releaseId) {
      const serves = { releaseId, version, target: plan.champion, promotedAt: plan.at };
      return { ...ended, outcome: 'promoted', kept: { ...serves, base: 'b', adapter: null, specification } };
    }
    served.delete(releaseId);
    if (!champion && aliases['champion'] === version) aliases['champion'] = null;
    return { ...ended, outcome: 'failed', kept: null };
  };
