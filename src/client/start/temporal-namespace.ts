import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { isNotFound } from '../../adapters/temporal/is-not-found.js';
import type { TemporalPlace } from '../../adapters/temporal/temporal-place.js';
import { withTemporal } from './temporal-health.js';

const daySeconds = 86_400;
/** How long histories stay readable after a release has ended. */
export const wantedRetentionDays = 30;

const settleMilliseconds = 30_000;

async function retentionDays(connection: Connection, namespace: string): Promise<number> {
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / daySeconds;
}

/** For how many days the namespace keeps histories; null where it is not there. */
export const namespaceRetention = (place: TemporalPlace): Promise<number | null> =>
  withTemporal(place, async (connection) => {
    try {
      return await retentionDays(connection, place.namespace);
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  });

const wantedRetention = proto.google.protobuf.Duration.fromObject({ seconds: wantedRetentionDays * daySeconds });

/** Creates the namespace and waits until the server knows it everywhere. Temporal Cloud takes no such order. */
export async function createNamespace(place: TemporalPlace): Promise<void> {
  const { namespace } = place;
  await withTemporal(place, (connection) =>
    connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: wantedRetention,
      description: 'Understudy',
    }),
  );
  // Each service of the server asks for new namespaces by itself, every ten seconds or so.
  const until = Date.now() + settleMilliseconds;
  for (;;) {
    const known = await withTemporal(place, (connection) =>
      connection.operatorService.listSearchAttributes({ namespace }).then(
        () => connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1 }).then(() => true),
        () => false,
      ),
    ).catch(() => false);
    if (known) return;
    if (Date.now() > until) throw new Error(`namespace ${namespace} was created, and the server does not know it yet`);
    await wait(500);
  }
}

/** Has histories kept for `wantedRetentionDays`. */
export const raiseRetention = (place: TemporalPlace): Promise<void> =>
  withTemporal(place, async (connection) => {
    await connection.workflowService.updateNamespace({
      namespace: place.namespace,
      config: { workflowExecutionRetentionTtl: wantedRetention },
    });
  });
