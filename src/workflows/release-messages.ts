import { log, setHandler } from '@temporalio/workflow';
import { abortSchema, releaseMessages, type Abort } from '../contracts/release.js';
import { validate } from './lifecycle-messages.js';
import type { ProgressKeeper } from './progress.js';

export interface ReleaseMessages {
  /** Who has cancelled the release, and why; null while nobody has. */
  readonly cancelled: Abort | null;
}

/** Sets up everything a release answers to. Call it before the first await. */
export function receiveReleaseMessages({ progress }: { progress: ProgressKeeper }): ReleaseMessages {
  let cancelled: Abort | null = null;
  const take = (message: Abort): void => {
    cancelled ??= message;
  };
  setHandler(releaseMessages.progress, () => progress.current);
  setHandler(releaseMessages.cancel, (message) => take(abortSchema.parse(message)), {
    validator: validate(abortSchema),
  });
  setHandler(releaseMessages.cancelSignal, (message) => {
    const parsed = abortSchema.safeParse(message);
    if (parsed.success) take(parsed.data);
    else log.warn('cancel refused', { reason: 'expected {"by": "<name>", "reason": "<why>"}' });
  });
  return {
    get cancelled() {
      return cancelled;
    },
  };
}
