import { ApplicationFailure } from '@temporalio/workflow';
import { cutText } from '../domain/cut-text.js';
import type { LifecycleState } from '../domain/release/lifecycle-state.js';
import { waitsForBudget } from '../domain/release/monthly-budget.js';
import { waitsForTime } from '../domain/release/queue-holds.js';

interface Problems {
  issues: { path: PropertyKey[]; message: string }[];
}
interface Schema {
  safeParse(value: unknown): { success: boolean; error?: Problems };
}

/** An answer goes back within a task, which the server takes no more than so much of. */
const mostProblems = 2000;

/** Every field that is wrong. What stands in a message may be quoted, however long it is. */
export const problemsIn = ({ issues }: Problems): string =>
  cutText({
    text: issues.map(({ path, message }) => `${path.join('.') || 'message'}: ${message}`).join('; '),
    bytes: mostProblems,
  });

/** A synchronous validator that names every field that is wrong. */
export const validate =
  (schema: Schema) =>
  (message: unknown): void => {
    const parsed = schema.safeParse(message);
    if (parsed.success) return;
    throw ApplicationFailure.nonRetryable(problemsIn(parsed.error!), 'InvalidInput');
  };

/** What an operator reads of a model in the Temporal UI. */
export function lifecycleMarkdown({ state, now }: { state: LifecycleState; now: string }): string {
  const lines = [
    `champion: **${state.champion?.releaseId ?? 'none yet'}**`,
    `running: ${state.running ? `**${state.running.releaseId}** (${state.running.reasons.join('; ')})` : 'nothing'}`,
  ];
  if (state.paused) lines.push(`**paused** by ${state.paused.by}: ${state.paused.reason}`);
  if (state.removal) lines.push(`**being removed** by ${state.removal.by}: ${state.removal.reason}`);
  if (state.removal?.left) lines.push(`**to be tried again:** ${state.removal.left.problem}`);
  if (state.queue.length > 0) lines.push(`waiting: ${state.queue.map((one) => one.releaseId).join(', ')}`);
  const waits = waitsForBudget({ state, now }) ?? waitsForTime({ state, now });
  if (waits) lines.push(`**${waits}**`);
  if (state.unfinishedReturn?.notUndone.length)
    lines.push(`**to be tried again:** ${state.unfinishedReturn.notUndone.join('; ')}`);
  for (const one of [...state.ended].reverse().slice(0, 5))
    lines.push(`- ${one.releaseId}: ${one.outcome} in ${one.stage}: ${one.reasons.join('; ')}`);
  return lines.join('\n\n');
}
