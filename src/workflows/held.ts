import { sleep } from '@temporalio/workflow';
import type { RolloutInput } from '../contracts/release.js';
import type { Assessment } from '../contracts/watch.js';
import { untilNextLook } from '../domain/rollout/next-look.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { activitiesFor } from './activity-options.js';
import type { ProgressKeeper } from './progress.js';
import type { RolloutMessages } from './rollout-messages.js';
import { StageEnded } from './stage-ended.js';
import { shownSummary } from './shown-text.js';

/** What a canary step and a bake have in common while they have not shown enough. */
export interface Holding {
  input: RolloutInput;
  progress: ProgressKeeper;
  messages: RolloutMessages;
}

/**
 * Holds what is neither passed nor failed: looks again, ever more seldom, until the maximum is over, then goes by the
 * spec, which may roll back, ask people or hold on. People are told once: at the maximum, or at once where enough should
 * have been seen.
 */
export function holdAt({
  holding: { input, progress, messages },
  name,
  where,
  duration,
  maximum,
  tellAtOnce,
}: {
  holding: Holding;
  /** Names the message, once for each. */
  name: string;
  /** Reads as "holds ...". */
  where: string;
  /** Both as in the spec. */
  duration: string;
  maximum: string;
  tellAtOnce: boolean;
}): (assessed: Assessment) => Promise<'passed' | 'look again'> {
  const begun = Date.now();
  let told = false;
  const wait = (heldMilliseconds: number, shortestMilliseconds: number): number =>
    untilNextLook({ durationMilliseconds: milliseconds(duration), heldMilliseconds, shortestMilliseconds });

  async function tell(assessed: Assessment, asks: boolean): Promise<void> {
    if (told) return;
    told = true;
    const { releaseId, model } = input;
    await activitiesFor({
      profile: 'quickCall',
      queue: 'orchestration',
      summary: 'tell people that the rollout holds',
    }).sendNotification({
      key: `${releaseId}/held-${name}`,
      severity: 'warning',
      title: `${releaseId} ${asks ? 'asks' : 'holds'} ${where}`,
      body: assessed.reason,
      model,
      releaseId,
    });
  }

  return async (assessed) => {
    const elapsed = Date.now() - begun;
    const left = milliseconds(maximum) - elapsed;
    if (left > 0) {
      if (tellAtOnce) await tell(assessed, false);
      await sleep(Math.min(wait(elapsed, 1000), left), { summary: shownSummary(assessed.reason) });
      return 'look again';
    }
    const { onUnmeasured, onInconclusive } = input.rollout.canary;
    const policy = assessed.verdict === 'unmeasured' ? onUnmeasured : onInconclusive;
    if (policy === 'rollback') throw new StageEnded('rolledBack', [assessed.reason]);
    await tell(assessed, policy === 'ask');
    if (policy === 'ask') {
      const answer = await messages.ask({
        what: `a decision ${where}: ${assessed.reason}. Approving goes on`,
        evidenceDigest: assessed.evidenceDigest,
        required: input.rollout.approval.required,
        expires: null,
      });
      if (answer.kind === 'approved') return 'passed';
      throw new StageEnded('rolledBack', [answer.reason]);
    }
    progress.update({
      waiting: {
        for: `evidence ${where}`,
        how: `${assessed.reason}; \`understudy rollback ${input.model}\` ends it`,
        evidenceDigest: null,
        until: null,
      },
    });
    await sleep(wait(elapsed, Math.max(milliseconds(duration), 60_000)), {
      summary: shownSummary(`holds: ${assessed.reason}`),
    });
    return 'look again';
  };
}
