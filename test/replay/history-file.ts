import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowClient, WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
const { History: HistoryType } = proto.temporal.api.history.v1;

export interface HistoryFile {
  workflowId: string;
  history: { events: { activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[] };
}

/**
 * A history as JSON. By protobufjs itself: the SDK's `historyToJSON` fails where npm installs the two packages it spans
 * with a copy of protobufjs each.
 */
const historyToFile = ({ workflowId, history }: { workflowId: string; history: History }): HistoryFile => ({
  workflowId,
  history: withoutMachine(
    HistoryType.toObject(HistoryType.fromObject(history), { longs: String, enums: String, bytes: String }),
  ) as HistoryFile['history'],
});

/** Writes the history of one run, the latest where none is named, into `folder`. */
export async function saveHistory({
  client,
  folder,
  workflowId,
  runId,
  file,
}: {
  client: WorkflowClient;
  folder: string;
  workflowId: string;
  runId?: string | undefined;
  file: string;
}): Promise<void> {
  const history = await client.getHandle(workflowId, runId).fetchHistory();
  await writeFile(join(folder, file), `${JSON.stringify(historyToFile({ workflowId, history }))}\n`);
}

/** The patches that a run was begun with or came to, by their markers. */
export const patchesOf = ({ events }: History): string[] =>
  (events ?? []).flatMap(({ markerRecordedEventAttributes: marker }) => {
    const said = marker?.markerName === 'core_patch' && marker.details?.['patch-data']?.payloads?.[0]?.data;
    return said ? [(JSON.parse(Buffer.from(said).toString()) as { id: string }).id] : [];
  });

export const historyFromFile = ({ history }: HistoryFile): History => HistoryType.fromObject(history);

/** Without the names of the machine and of its folders, which no replay needs. */
function withoutMachine(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMachine);
  // A worker's own queue is named after its process and host.
  if (typeof value === 'string' && /^\d+@\S+$/.test(value)) return 'recorder';
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      if (name === 'identity') return [name, 'recorder'];
      return [name, name === 'stackTrace' ? '' : withoutMachine(field)];
    }),
  );
}
