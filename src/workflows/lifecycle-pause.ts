import { ApplicationFailure, CancellationScope, patched } from '@temporalio/workflow';
import type { Paused } from '../domain/release/lifecycle-state.js';
import { activitiesFor } from './activity-options.js';
import { occasion } from './answered-before.js';
import { rootMessage } from './root-message.js';

/**
 * Keeps outside that a model was paused, or with null that it goes on, for a lifecycle that begins after this one was
 * lost. Called by an update; nothing waits for it but that.
 * @throws ApplicationFailure `NotKept` where that could not be done; what was asked for holds as long as this lifecycle.
 */
export async function keepPause({
  model,
  paused,
  by,
  at,
}: {
  model: string;
  paused: Paused | null;
  by: string;
  at: string;
}): Promise<void> {
  // Lifecycles of 0.1.0 kept a pause to themselves.
  if (!patched('pauses-are-kept')) return;
  const keeping = activitiesFor({
    profile: 'briefCall',
    queue: 'orchestration',
    summary: paused ? 'keep the pause' : 'keep that nobody pauses any more',
  });
  try {
    const step = occasion();
    await CancellationScope.nonCancellable(() => keeping.keepPause({ model, paused, by, at, step }));
  } catch (error) {
    throw ApplicationFailure.nonRetryable(
      `${model} is ${paused ? 'paused' : 'resumed'}, but the store could not be told (${rootMessage(error)}), so that a lifecycle after this one would not know of it; ${paused ? 'pause' : 'resume'} it again`,
      'NotKept',
    );
  }
}
