import { ApplicationFailure, currentUpdateInfo, patched } from '@temporalio/workflow';
import type { Paused } from '../domain/release/lifecycle-state.js';
import { activitiesFor } from './activity-options.js';
import type { Lifecycle } from './lifecycle-context.js';
import { rootMessage } from './root-message.js';

/**
 * Pauses a model, or with null lets it go on: at once, and kept outside for a lifecycle that begins after this one was
 * lost. Called by an update.
 * @throws ApplicationFailure `NotKept` where that could not be done; what was asked for holds as long as this lifecycle.
 */
export async function pauseModel({
  lifecycle,
  paused,
  by,
}: {
  lifecycle: Lifecycle;
  paused: Paused | null;
  by: string;
}): Promise<void> {
  lifecycle.state = { ...lifecycle.state, paused };
  const { model } = lifecycle;
  // Lifecycles of 0.1.0 kept a pause to themselves.
  if (!patched('pauses-are-kept')) return;
  const keeping = activitiesFor({
    profile: 'briefCall',
    queue: 'orchestration',
    summary: paused ? 'keep the pause' : 'keep that nobody pauses any more',
  });
  try {
    await keeping.keepPause({ model, paused, by, step: currentUpdateInfo()!.id });
  } catch (error) {
    throw ApplicationFailure.nonRetryable(
      `${model} is ${paused ? 'paused' : 'resumed'}, but the store could not be told (${rootMessage(error)}), so that a lifecycle after this one would not know of it; ${paused ? 'pause' : 'resume'} it again`,
      'NotKept',
    );
  }
}
