import { quietUntil } from '../spec/quiet-hours.js';
import { isAskedByPerson } from './kinds.js';
import type { LifecycleState, QueuedRelease } from './lifecycle-state.js';

interface Moment {
  state: LifecycleState;
  now: string;
  /** Whether the cooldown holds what waits, too; lifecycles of 0.1.0 asked for it only when a request came. */
  cooldown?: boolean;
}

/** When the cooldown after the last release is over; null where it is, or where nothing has ended yet. */
function cooldownEnd({ state: { ended, cooldownMilliseconds }, now }: Moment): string | null {
  const last = ended.at(-1);
  if (!last) return null;
  const end = Date.parse(last.endedAt) + cooldownMilliseconds;
  return end > Date.parse(now) ? new Date(end).toISOString() : null;
}

/** Whether the cooldown holds a request, which it does not where a person asks. */
export const isInCooldown = ({ queued, ...moment }: Moment & { queued: Pick<QueuedRelease, 'trigger'> }): boolean =>
  !isAskedByPerson(queued.trigger) && cooldownEnd(moment) !== null;

/** What holds back what nobody asks for now: the cooldown, or else the quiet hours. */
export const holdName = (moment: Moment): string =>
  cooldownEnd(moment) === null ? 'quiet hours' : `cooldown after ${moment.state.ended.at(-1)!.releaseId}`;

/**
 * The end of the cooldown and of the quiet hours that a waiting release must not start in; null where it may start. What
 * a person asks for is held by neither.
 */
export function heldUntil({
  state,
  queued,
  now,
  cooldown = true,
}: Moment & { queued: Pick<QueuedRelease, 'trigger'> }): string | null {
  if (isAskedByPerson(queued.trigger)) return null;
  const cooled = cooldown ? cooldownEnd({ state, now }) : null;
  return quietUntil({ quietHours: state.quietHours, now: cooled ?? now }) ?? cooled;
}

/** The release that would start next; one that nobody asked for lets others pass while it is held. */
export const nextInQueue = ({ state, ...moment }: Moment): QueuedRelease | null =>
  state.queue.find((queued) => heldUntil({ state, queued, ...moment }) === null) ?? null;

/** When all of the queue is held no longer; null where it waits for something else, or for nothing. */
export function holdEnd({ state, ...moment }: Moment): string | null {
  const [queued] = state.queue;
  if (!queued || state.paused || nextInQueue({ state, ...moment }) !== null) return null;
  return heldUntil({ state, queued, ...moment });
}

/** Whether the cooldown holds something that waits. */
export const coolsDown = ({ state, now }: Moment): boolean =>
  state.queue.some(({ trigger }) => !isAskedByPerson(trigger)) && cooldownEnd({ state, now }) !== null;

/** Why a queue waits though nothing runs, in a sentence; null where neither cooldown nor quiet hours hold it. */
export function waitsForTime({ state, now }: Moment): string | null {
  const until = state.running ? null : holdEnd({ state, now });
  if (until === null) return null;
  return `${holdName({ state, now })}: what waits starts at ${until}, or once a person asks for it`;
}
