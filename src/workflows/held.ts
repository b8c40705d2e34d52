import { patched, sleep } from '@temporalio/workflow';
import type { RolloutInput } from '../contracts/release.js';
import type { Assessment, LookAgain } from '../contracts/watch.js';
import { shownSummary } from '../contracts/shown-text.js';
import { isHold, untilNextLook, untilNextStart, untilTold } from '../domain/rollout/next-look.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { activitiesFor } from './activity-options.js';
import type { ProgressKeeper } from './progress.js';
import type { RolloutMessages } from './rollout-messages.js';
import { StageEnded } from './stage-ended.js';

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

/** What becomes of a step or a bake that has not passed yet, over all its starts. */
export interface Hold<Assessed extends Assessment> {
  /**
   * Holds what is neither passed nor failed: looks again, ever more seldom, until the maximum is over, then goes by the
   * spec, which may roll back, ask people or hold on. People are told once: at the maximum, or at once where enough
   * should have been seen. Answers with what was seen in the end, or with null where the caller has to look.
   * @throws StageEnded where the spec or people roll back.
   */
  on(assessed: Assessed): Promise<'passed' | Assessed | null>;
  /**
   * Waits until what lost its lease may begin again. The maximum counts from the first start, whatever lapses, and the
   * spec decides once it is over. An outage that took the rest of it decides nothing: one more start may show enough.
   * @throws StageEnded where the spec or people roll back.
   */
  lapsed(assessed: Assessed): Promise<'passed' | 'again'>;
}

/** The hold of a step or a bake whose first start is now. */
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
}): Hold<Assessed> {
  let begun = Date.now();
  let started = begun;
  const [durationMilliseconds, maximumMilliseconds] = [milliseconds(duration), milliseconds(maximum)];
  const leaseMilliseconds = milliseconds(input.rollout.lease);
  let waitsInActivity = patched('looks-in-activities');
  const end = input.champion ? `rollback ${input.model}` : `cancel ${input.releaseId}`;
  const whatEndsIt = `\`understudy ${end}\` ends it`;
  let told = false;
  let hadLastStart = false;

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

  const left = (): number => begun + maximumMilliseconds - Date.now();

  /** What the spec says of a maximum that is over. */
  async function decide(assessed: Assessment): Promise<'passed' | 'holds'> {
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
        how: `${assessed.reason}; ${whatEndsIt}`,
        evidenceDigest: null,
        until: null,
      },
    });
    return 'holds';
  }

  /** Nobody looked when it was due, for longer than a lease: no worker was there, or no Temporal. */
  const overslept = (): boolean =>
    Date.now() - Math.max(begun + maximumMilliseconds, started + durationMilliseconds) > leaseMilliseconds;

  async function awaitNextStart({ mostMilliseconds, reason }: { mostMilliseconds: number; reason: string }) {
    const now = Date.now();
    const spaced = untilNextStart({ heldMilliseconds: now - begun, startedMilliseconds: now - started });
    const wait = Math.min(spaced, mostMilliseconds);
    if (wait === 0) return;
    const until = new Date(now + wait).toISOString();
    const how = `${reason}; ${whatEndsIt}`;
    progress.update({ share: 0, waiting: { for: `its next start ${where}`, how, evidenceDigest: null, until } });
    await sleep(wait, { summary: shownSummary(`starts again: ${reason}`) });
    progress.update({ waiting: null });
  }

  return {
    on: async (assessed) => {
      if (left() > 0) {
        if (tellAtOnce) await tell(assessed, false);
        // Telling people may have taken longer than the maximum; no time is less than none.
        const mostMilliseconds = Math.max(0, left());
        return await look({ shortestMilliseconds: 1000, mostMilliseconds, summary: assessed.reason });
      }
      if ((await decide(assessed)) === 'passed') return 'passed';
      return await look({
        shortestMilliseconds: Math.max(durationMilliseconds, minuteMilliseconds),
        mostMilliseconds: Infinity,
        summary: `holds: ${assessed.reason}`,
      });
    },
    lapsed: async (found) => {
      // Rollouts of 0.1.0 took each start for a step of its own, with all its time.
      if (!patched('maximum-over-starts')) {
        [begun, started, told] = [Date.now(), Date.now(), false];
        return 'again';
      }
      const reason = `the lease lapsed and nobody has been on the challenger since; ${found.reason}`;
      const assessed = { ...found, reason };
      if (left() > 0) {
        await awaitNextStart({ mostMilliseconds: Math.max(0, left() - durationMilliseconds), reason });
      } else if (overslept() && !hadLastStart) {
        hadLastStart = true;
      } else {
        if (assessed.verdict === 'fail') throw new StageEnded('rolledBack', [reason]);
        if ((await decide(assessed)) === 'passed') return 'passed';
        await awaitNextStart({ mostMilliseconds: Infinity, reason });
      }
      started = Date.now();
      return 'again';
    },
  };
}
