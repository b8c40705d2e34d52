import { patched, sleep } from '@temporalio/workflow';
import type { RolloutInput } from '../contracts/release.js';
import type { Assessment, LookAgain } from '../contracts/watch.js';
import { isHold, untilNextLook, untilTold } from '../domain/rollout/next-look.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { activitiesFor } from './activity-options.js';
import type { ProgressKeeper } from './progress.js';
import type { RolloutMessages } from './rollout-messages.js';
import { StageEnded } from './stage-ended.js';
import { shownSummary } from './shown-text.js';

const minuteMilliseconds = 60_000;

/** What a canary step and a bake have in common while they have not shown enough. */
export interface Holding {
  input: RolloutInput;
  progress: ProgressKeeper;
  messages: RolloutMessages;
}

/** The activities for one look that waits itself; it lives as long as it is heard of. */
const waitingLook = ({ again, summary }: { again: LookAgain; summary: string }) =>
  activitiesFor({
    profile: 'quickCall',
    queue: 'watch',
    summary,
    options: {
      startToCloseTimeout: again.forMilliseconds * 1.1 + minuteMilliseconds,
      scheduleToCloseTimeout: again.forMilliseconds + 12 * 60 * minuteMilliseconds,
      heartbeatTimeout: minuteMilliseconds,
    },
  });

/**
 * Holds what is neither passed nor failed: looks again, ever more seldom, until the maximum is over, then goes by the
 * spec, which may roll back, ask people or hold on. People are told once: at the maximum, or at once where enough should
 * have been seen. Answers with what was seen in the end, or with null where the caller has to look.
 */
export function holdAt<Assessed extends Assessment>({
  holding: { input, progress, messages },
  name,
  where,
  duration,
  maximum,
  tellAtOnce,
  lookAgain,
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
  lookAgain: (look: { activities: ReturnType<typeof waitingLook>; again: LookAgain }) => Promise<Assessed>;
}): (assessed: Assessed) => Promise<'passed' | Assessed | null> {
  const begun = Date.now();
  const durationMilliseconds = milliseconds(duration);
  let waitsInActivity = patched('looks-in-activities');
  let told = false;

  async function look({
    shortestMilliseconds,
    mostMilliseconds,
    summary,
  }: {
    shortestMilliseconds: number;
    mostMilliseconds: number;
    summary: string;
  }): Promise<Assessed | null> {
    const asked = Date.now();
    const pace = { durationMilliseconds, heldMilliseconds: asked - begun, shortestMilliseconds };
    const untilLookMilliseconds = Math.min(untilNextLook(pace), mostMilliseconds);
    if (waitsInActivity) {
      const again = { ...pace, forMilliseconds: Math.min(untilTold({ untilLookMilliseconds }), mostMilliseconds) };
      const assessed = await lookAgain({ activities: waitingLook({ again, summary }), again });
      if (!isHold(assessed) || Date.now() - asked >= untilLookMilliseconds / 2) return assessed;
      // A worker of an earlier version answers at once; asked without end, it would fill the history.
      waitsInActivity = false;
    }
    await sleep(untilLookMilliseconds, { summary: shownSummary(summary) });
    return null;
  }

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
      return await look({ shortestMilliseconds: 1000, mostMilliseconds: left, summary: assessed.reason });
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
    return await look({
      shortestMilliseconds: Math.max(durationMilliseconds, minuteMilliseconds),
      mostMilliseconds: Infinity,
      summary: `holds: ${assessed.reason}`,
    });
  };
}
