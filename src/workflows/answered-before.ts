import { currentUpdateInfo, patched, workflowInfo } from '@temporalio/workflow';
import { withAnswer, type AnsweredUpdate } from '../domain/release/answered-updates.js';
import type { Lifecycle } from './lifecycle-context.js';

/** Temporal forgets ids once the lifecycle continues as new; another message may have had the same before that. */
function idOf(): string {
  const { name, id } = currentUpdateInfo()!;
  return `${name}/${id}`;
}

/** What was answered to this update when it came before, which must not be carried out again; null where it is new. */
export function answeredBefore({ answered }: Lifecycle): AnsweredUpdate | null {
  const found = answered.find(({ id }) => id === idOf());
  // Lifecycles of 0.1.0 carried it out again.
  return found && patched('answers-are-remembered') ? found : null;
}

export function rememberAnswer({ lifecycle, answer }: { lifecycle: Lifecycle; answer: unknown }): void {
  lifecycle.answered = withAnswer({ answered: lifecycle.answered, id: idOf(), answer });
}

/** Carries an update out, and answers one that was carried out before as then. A failure is not remembered. */
export async function once<T>({ lifecycle, work }: { lifecycle: Lifecycle; work: () => Promise<T> }): Promise<T> {
  const before = answeredBefore(lifecycle);
  if (before) return before.answer as T;
  const answer = await work();
  rememberAnswer({ lifecycle, answer });
  return answer;
}

/** Names this update in the audit log, as no other one of any run is named. */
export const occasion = (): string => `${workflowInfo().runId}/${currentUpdateInfo()!.id}`;
