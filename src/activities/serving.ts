import type { ArtifactRef } from '../domain/artifact-ref.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { alive, cancellationSignal, heartbeat } from './heartbeat.js';
import { systemTiming, type Timing } from './judging/pacer.js';
import { type OfflineUse, PortError, type Ports, type ServedRelease } from './ports.js';

const everyMilliseconds = 500;
const beatMilliseconds = 5_000;
const defaultDeadline = 'PT10M';
/** A call that its caller has given up may land this much later. */
const landsLateMilliseconds = 2_000;

export interface DeployInput {
  model: string;
  releaseId: string;
  base: string;
  adapter: ArtifactRef | null;
  /**
   * With it the release waits for room before it is loaded, and gives up for good when it is not ready in time. Without
   * it users wait for what served them before: it is loaded whatever else is going on.
   */
  deadline?: string | undefined;
  offline?: OfflineUse | undefined;
}

/** Serving a release and ending that. */
export function createServingActivities({
  serving,
  router,
  timing = systemTiming,
}: Pick<Ports, 'serving' | 'router'> & { timing?: Timing }) {
  /** Asks again until the answer is yes; at the deadline it is no for good, or worth another try where nobody set one. */
  async function until({
    input: { releaseId, deadline },
    began,
    what,
    ask,
  }: {
    input: DeployInput;
    began: number;
    what: string;
    ask: () => Promise<{ yes: boolean; reason: string }>;
  }): Promise<void> {
    const limit = milliseconds(deadline ?? defaultDeadline);
    for (;;) {
      const { yes, reason } = await ask();
      if (yes) return;
      const waited = timing.now() - began;
      if (waited > limit)
        throw new PortError(
          deadline === undefined ? 'Unavailable' : 'NotReady',
          `${releaseId} ${what} after ${Math.round(waited / 1000)} s > ${limit / 1000} s: ${reason}`,
        );
      heartbeat({ reason });
      await timing.sleep(everyMilliseconds);
    }
  }

  return {
    /** Get or create, then wait until a request would be answered. */
    async deployRelease(input: DeployInput): Promise<ServedRelease> {
      const { deadline: _deadline, ...wanted } = input;
      const began = timing.now();
      const room = async () => {
        const { model, releaseId, base } = input;
        const { enough, reason } = await serving.capacity({ model, releaseId, base });
        return { yes: enough, reason };
      };
      if (input.deadline !== undefined) await until({ input, began, what: 'has found no room', ask: room });
      const served = await alive({
        everyMilliseconds: beatMilliseconds,
        details: () => ({ reason: 'being deployed' }),
        work: () => serving.deploy({ ...wanted, signal: cancellationSignal() }),
      });
      const ready = async () => {
        const { releaseId, offline } = input;
        const answer = await serving.readiness({ releaseId, ...(offline && { offline }) });
        return { yes: answer.ready, reason: answer.reason };
      };
      await until({ input, began, what: 'is not ready', ask: ready });
      return served;
    },

    /**
     * Ends the serving of a release, and looks again a moment later. What lands later still, the orphan sweep finds.
     * Refuses the champion of the plan: whoever still asks for its end was lost, and users were given back to it.
     */
    async retireRelease({ model, releaseId }: { model: string; releaseId: string }): Promise<void> {
      const plan = await router.read({ model });
      if (plan?.champion.releaseId === releaseId)
        throw new PortError('PlanFenced', `${releaseId} serves the users of ${model}, so it is not retired`);
      await serving.retire({ model, releaseId });
      // A deployment that was cancelled while it waited to be tried again is nobody's, and lands all the same.
      await timing.sleep(landsLateMilliseconds);
      if ((await serving.served({ model })).includes(releaseId)) await serving.retire({ model, releaseId });
    },
  };
}
