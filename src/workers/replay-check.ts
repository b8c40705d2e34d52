import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import type { WorkflowHandle } from '@temporalio/client';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

export interface RecordedWorkflow {
  workflowId: string;
  history: History;
}

/** A history that workflow code does not repeat. */
export interface ReplayProblem {
  workflowId: string;
  /** The step that differs: what stands in the history there, in an operator's words. */
  step: string;
  message: string;
}

const namedEvent = /scheduled event '([^']+)'|initiated event '([^']+)'|event '([^']+)'/i;
const numberedEvent = /HistoryEvent\(id: (\d+)|event id:? (\d+)/i;

const groupOf = (match: RegExpExecArray | null): string | null =>
  match?.slice(1).find((one) => one !== undefined) ?? null;

/** Summaries travel as payloads, which a codec may have encrypted. */
function textOf(payload: { data?: Uint8Array | null } | null | undefined): string | null {
  if (!payload?.data) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(payload.data).toString('utf8'));
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

type HistoryEvent = NonNullable<History['events']>[number];

const nameOf = (event: HistoryEvent): string | null =>
  event.activityTaskScheduledEventAttributes?.activityType?.name ??
  event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name ??
  null;

/** What the event that a message names was for. */
function stepOf({ history, message }: { history: History; message: string }): string {
  const name = groupOf(namedEvent.exec(message));
  const id = groupOf(numberedEvent.exec(message));
  const event = history.events?.find((one) => (id === null ? nameOf(one) === name : String(one.eventId) === id));
  const found =
    (event && nameOf(event)) ?? name ?? (id === null ? 'a step that the server does not name' : `event ${id}`);
  const summary = textOf(event?.userMetadata?.summary);
  return summary === null ? found : `${found} (${summary})`;
}

/** Replays histories on workflow code; those that it would not repeat come back, each with the step that differs. */
export async function replayProblems({
  workflows,
  options,
}: {
  workflows: readonly RecordedWorkflow[];
  options: ReplayWorkerOptions;
}): Promise<ReplayProblem[]> {
  const byId = new Map(workflows.map((one) => [one.workflowId, one]));
  const problems: ReplayProblem[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(options, workflows)) {
    if (!error) continue;
    const { history } = byId.get(workflowId)!;
    problems.push({ workflowId, step: stepOf({ history, message: error.message }), message: error.message });
  }
  return problems;
}
