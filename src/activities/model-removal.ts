import type { Clock } from './clock.js';
import { writePause } from './pauses.js';
import type { Ports } from './ports.js';

/** The end of a model that a person has removed. */
export function createModelRemovalActivities({
  serving,
  registry,
  audit,
  store,
  clock,
}: Pick<Ports, 'serving' | 'registry' | 'audit' | 'store'> & { clock: Clock }) {
  return {
    /** Ends the serving of all releases of a model and its pause, and takes its aliases off; what is stored of it stays. */
    async retireModel({
      model,
      releases,
      by,
      reason,
      step,
    }: {
      model: string;
      releases: readonly string[];
      by: string;
      reason: string;
      step: string;
    }): Promise<void> {
      const served = await serving.served({ model });
      for (const releaseId of new Set([...releases, ...served])) await serving.retire({ model, releaseId });
      for (const alias of ['champion', 'challenger']) await registry.removeAlias({ model, alias });
      await writePause({ store, model, paused: null, at: clock.now() });
      await audit.append({
        model,
        entry: {
          key: `removed/${step}`,
          kind: 'deletion',
          actor: by,
          releaseId: null,
          reason,
          evidenceDigest: null,
          details: { releases: [...releases] },
        },
      });
    },
  };
}
