import type { ArtifactRef } from '../domain/artifact-ref.js';
import { heartbeat, pause } from './heartbeat.js';
import { PortError, type Ports, type ServedRelease } from './ports.js';

const readyDeadlineMilliseconds = 10 * 60_000;

/** Serving a release and ending that. */
export function createServingActivities({ serving }: Pick<Ports, 'serving'>) {
  return {
    /** Get or create, then wait until a request would be answered. */
    async deployRelease(input: {
      model: string;
      releaseId: string;
      base: string;
      adapter: ArtifactRef | null;
    }): Promise<ServedRelease> {
      const began = Date.now();
      const served = await serving.deploy(input);
      for (;;) {
        const { ready, reason } = await serving.readiness({ releaseId: input.releaseId });
        if (ready) return served;
        const waited = Date.now() - began;
        if (waited > readyDeadlineMilliseconds)
          throw new PortError(
            'Unavailable',
            `${input.releaseId} is not ready after ${Math.round(waited / 1000)} s > ${readyDeadlineMilliseconds / 1000} s: ${reason}`,
          );
        heartbeat({ reason });
        await pause(500);
      }
    },

    async retireRelease({ model, releaseId }: { model: string; releaseId: string }): Promise<void> {
      await serving.retire({ model, releaseId });
    },
  };
}
