import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages } from '../../../src/contracts/lifecycle.js';
import type { LifecycleState } from '../../../src/domain/release/lifecycle-state.js';
import { withLifecycle, type PlayedLifecycle } from './lifecycle.js';
import { waitFor } from './started-release.js';
import type { Script } from './world.js';

const rollout = {
  approval: { automatic: true },
  canary: { steps: [{ share: '5%', duration: 'PT0S' }] },
  bake: { duration: 'PT0S' },
};

/** What is away for now; it is asked again and again. */
type Away = Set<string>;

export interface PromotedReleases extends PlayedLifecycle {
  away: Away;
  /** To the champion before, or to the release named; answered within five minutes. */
  rollBack: (to?: string) => Promise<{ champion: string; reason: string }>;
}

/** Plays on the time-skipping server after so many releases have been promoted. */
export function withReleases({
  environment,
  count,
  script = {},
  play,
}: {
  environment: TestWorkflowEnvironment;
  count: number;
  script?: Script;
  play: (input: PromotedReleases) => Promise<void>;
}): Promise<void> {
  const away: Away = new Set();
  const fail = async (name: string, input: unknown) => {
    if (away.has(name)) throw new Error(`${name} is away`);
    return (await script.fail?.(name, input)) ?? null;
  };
  return withLifecycle({
    environment,
    script: { rollout, ...script, fail },
    play: async (lifecycle) => {
      const { handle, state, request } = lifecycle;
      const ended = (number: number): Promise<LifecycleState> =>
        waitFor(async () => {
          const now = await state();
          if (now.ended.length >= number) return now;
          await environment.sleep('1 minute');
          return null;
        });
      const rollBack = async (to?: string) => {
        const update = await handle.startUpdate(lifecycleMessages.rollback, {
          args: [{ to: to ?? null, reason: 'customers complain', by: 'ann' }],
          waitForStage: 'ACCEPTED',
        });
        const before = await environment.currentTimeMs();
        let over = false;
        const answer = update.result().finally(() => (over = true));
        answer.catch(() => undefined);
        while (!over && (await environment.currentTimeMs()) - before < 5 * 60_000) await environment.sleep('5 seconds');
        expect(over, 'an answer within 5 minutes').to.equal(true);
        return await answer;
      };
      for (let number = 1; number <= count; number += 1) {
        await request();
        await ended(number);
      }
      await play({ ...lifecycle, away, rollBack, ended });
    },
  });
}
