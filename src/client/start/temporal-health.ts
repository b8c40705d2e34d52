import { connect } from 'node:net';
import { Connection } from '@temporalio/client';
import { connectionOptions, type TemporalPlace } from '../../adapters/temporal/temporal-place.js';
import { searchAttributes } from '../../contracts/names.js';

const callMilliseconds = 5000;
/** Temporal's own numbers: INDEXED_VALUE_TYPE_KEYWORD and TASK_QUEUE_TYPE_WORKFLOW of its API. */
const keyword = 2;
const workflowQueue = 1;

/**
 * Rejects at once where nobody listens; gRPC would go on trying until its deadline.
 * @param address host:port, as gRPC takes it.
 */
export const requireListener = (address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const colon = address.lastIndexOf(':');
    const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
    const socket = connect({ host, port: Number(address.slice(colon + 1)), timeout: callMilliseconds });
    const end = (error: Error | null): void => {
      socket.destroy();
      if (error === null) resolve();
      else reject(error);
    };
    socket.once('connect', () => end(null));
    socket.once('error', end);
    socket.once('timeout', () => end(new Error(`no connection within ${callMilliseconds} ms`)));
  });

/** Runs `work` over a connection of its own, closed afterwards. Rejects when Temporal does not answer within 5 s. */
export async function withTemporal<Result>(
  place: TemporalPlace,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  await requireListener(place.address);
  const connection = await Connection.connect({
    ...connectionOptions(place),
    connectTimeout: callMilliseconds,
  });
  try {
    return await connection.withDeadline(Date.now() + callMilliseconds, () => work(connection));
  } finally {
    await connection.close();
  }
}

/** Rejects when the namespace is not there; the search attributes that it lacks otherwise. */
export const missingSearchAttributes = (place: TemporalPlace): Promise<string[]> =>
  withTemporal(place, async (connection) => {
    const { namespace } = place;
    await connection.workflowService.describeNamespace({ namespace });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const names = Object.values(searchAttributes).map((key) => key.name);
    return names.filter((name) => Number(customAttributes[name]) !== keyword);
  });

/** Registers search attributes as Keyword. One that is there already is no error. */
export const registerSearchAttributes = (place: TemporalPlace, names: readonly string[]): Promise<void> =>
  withTemporal(place, async (connection) => {
    await connection.operatorService.addSearchAttributes({
      namespace: place.namespace,
      searchAttributes: Object.fromEntries(names.map((name) => [name, keyword])),
    });
  });

/** Whether a worker polls the queue since `since`. */
export const isPolled = (place: TemporalPlace, { queue, since }: { queue: string; since: Date }): Promise<boolean> =>
  withTemporal(place, async (connection) => {
    const { pollers } = await connection.workflowService.describeTaskQueue({
      namespace: place.namespace,
      taskQueue: { name: queue },
      taskQueueType: workflowQueue,
    });
    return (pollers ?? []).some(
      ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= since.getTime() - 1000,
    );
  });
