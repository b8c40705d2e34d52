import type { Clock } from './clock.js';
import { writePause } from './pauses.js';
import { PortError, type Ports } from './ports.js';

/** The end of a model that a person has removed. */
export function createModelRemovalActivities({
  serving,
  registry,
  audit,
  store,
  clock,
}: Pick<Ports, 'serving' | 'registry' | 'audit' | 'store'> & { clock: Clock }) {
  return {
    /**
     * Ends the serving of all releases of a model and its pause, and takes its aliases off; what is stored of it stays.
     * What can't be done keeps nothing else from it.
     * @throws PortError once all was tried, which names everything that is left.
     */
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
      const failures: { what: string; error: unknown }[] = [];
      const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
        try {
          return await work();
        } catch (error) {
          failures.push({ what, error });
          return null;
        }
      };
      const served = (await attempt('what is served', () => serving.served({ model }))) ?? [];
      for (const releaseId of new Set([...releases, ...served]))
        await attempt(releaseId, () => serving.retire({ model, releaseId }));
      for (const alias of ['champion', 'challenger'])
        await attempt(`alias ${alias}`, () => registry.removeAlias({ model, alias }));
      await attempt('pause', () => writePause({ store, model, paused: null, at: clock.now() }));
      if (failures.length > 0) throw allOf(failures);
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

/** One error for all; worth another try as long as one of them is. */
function allOf(failures: readonly { what: string; error: unknown }[]): unknown {
  const first = (failures.find(({ error }) => !(error instanceof PortError) || error.retryable) ?? failures[0]!).error;
  const words = failures.map(({ what, error }) => `${what}: ${error instanceof Error ? error.message : String(error)}`);
  const message = `not removed: ${words.join('; ')}`;
  return first instanceof PortError
    ? new PortError(first.type, message, first.retryAfterMilliseconds)
    : new Error(message);
}
