import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { keyIdOf } from '../payload-codec/encrypting-codec.js';
import { isNotFound } from './is-not-found.js';

const { HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT: closeEvent } = proto.temporal.api.enums.v1.HistoryEventFilterType;

/** A running workflow or a Schedule, and the ids of the keys that what Temporal holds of it was written with. */
export interface KeyHolder {
  kind: 'workflow' | 'schedule';
  id: string;
  /** Of a workflow its type; of a Schedule null. */
  workflowType: string | null;
  keys: string[];
}

interface Page {
  nextPageToken?: Uint8Array | null;
}

async function* pages<Answer extends Page>(
  ask: (nextPageToken: Uint8Array) => Promise<Answer>,
): AsyncGenerator<Answer, void, undefined> {
  let token: Uint8Array = Buffer.alloc(0);
  do {
    const page = await ask(token);
    yield page;
    token = page.nextPageToken ?? Buffer.alloc(0);
  } while (token.length > 0);
}

const isPayload = (message: object): message is Payload =>
  (message as Payload).metadata?.['encoding'] instanceof Uint8Array;

/** Every payload anywhere in an answer of Temporal's, as it came: nothing is decoded. */
function payloadsIn(message: unknown): Payload[] {
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array) return [];
  if (isPayload(message)) return [message];
  return Object.values(message).flatMap(payloadsIn);
}

const keysIn = (...messages: unknown[]): string[] =>
  [...new Set(messages.flatMap(payloadsIn).flatMap((payload) => keyIdOf(payload) ?? []))].sort();

const placeOf = (temporal: Client) => ({
  service: temporal.connection.workflowService,
  namespace: temporal.options.namespace,
});

async function keysOfHistory({
  temporal,
  execution,
}: {
  temporal: Client;
  execution: { workflowId: string; runId?: string };
}): Promise<string[]> {
  const { service, namespace } = placeOf(temporal);
  const keys = new Set<string>();
  for await (const { history } of pages((nextPageToken) =>
    service.getWorkflowExecutionHistory({ namespace, execution, nextPageToken }),
  ))
    for (const key of keysIn(history)) keys.add(key);
  return [...keys].sort();
}

/** Of what a Schedule's last run has returned, which the next one is given; none once that history is gone. */
async function keysOfLastRun(temporal: Client, runs: readonly { workflowId?: string | null; runId?: string | null }[]) {
  const last = runs.at(-1);
  if (!last) return [];
  const { service, namespace } = placeOf(temporal);
  const execution = { workflowId: last.workflowId ?? '', runId: last.runId ?? '' };
  return await service
    .getWorkflowExecutionHistory({ namespace, execution, historyEventFilterType: closeEvent })
    .then(({ history }) => keysIn(history))
    .catch((error: unknown) => {
      if (isNotFound(error)) return [];
      throw error;
    });
}

/** What runs in the namespace and what its Schedules will start, with the keys that reading it takes. */
export async function* keyHolders({ temporal }: { temporal: Client }): AsyncGenerator<KeyHolder, void, undefined> {
  const { service, namespace } = placeOf(temporal);
  const query = "ExecutionStatus = 'Running'";
  for await (const { executions } of pages((nextPageToken) =>
    service.listWorkflowExecutions({ namespace, query, nextPageToken }),
  ))
    for (const { execution, type } of executions) {
      const id = execution?.workflowId ?? '';
      const keys = await keysOfHistory({ temporal, execution: { workflowId: id } }).catch((error: unknown) => {
        // It may have ended and been deleted since it was listed.
        if (isNotFound(error)) return [];
        throw error;
      });
      yield { kind: 'workflow', id, workflowType: type?.name ?? null, keys };
    }
  for await (const { schedules } of pages((nextPageToken) => service.listSchedules({ namespace, nextPageToken })))
    for (const listed of schedules) {
      const scheduleId = listed.scheduleId ?? '';
      const { schedule, info } = await service.describeSchedule({ namespace, scheduleId });
      const runs = (info?.recentActions ?? []).flatMap(({ startWorkflowResult }) => startWorkflowResult ?? []);
      const keys = new Set([...keysIn(schedule), ...(await keysOfLastRun(temporal, runs))]);
      yield { kind: 'schedule', id: scheduleId, workflowType: null, keys: [...keys].sort() };
    }
}

/** Writes what a Schedule starts with the key that writes now; all else of it stays as it is. */
export async function rewriteSchedule({
  temporal,
  scheduleId,
  codec,
}: {
  temporal: Client;
  scheduleId: string;
  codec: PayloadCodec;
}): Promise<void> {
  const { service, namespace } = placeOf(temporal);
  const { schedule, conflictToken } = await service.describeSchedule({ namespace, scheduleId });
  for (const payload of payloadsIn(schedule)) {
    if (keyIdOf(payload) === null) continue;
    const [written] = await codec.encode(await codec.decode([payload]));
    Object.assign(payload, written);
  }
  await service.updateSchedule({
    ...{ namespace, scheduleId, schedule: schedule ?? null, conflictToken },
    ...{ identity: 'understudy', requestId: randomUUID() },
  });
}
