import { setTimeout } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, makeTelemetryFilterString } from '@temporalio/worker';
import { createActivities, type Activities } from '../../../src/activities/index.js';
import { createWorkers } from '../../../src/workers/workers.js';
import type { WorkerOrder } from '../channel.js';
import { askParent, remotePorts, type Ask } from './remote-ports.js';

/*
 * A worker process of the chaos: the real workflows and activities over the parent's world. It says to the parent that
 * an activity begins and that it has ended, which is when the parent may kill it.
 */
const secondsToConnect = 120;
const order = JSON.parse(process.argv[2]!) as WorkerOrder;
Runtime.install({
  logger: new DefaultLogger('WARN'),
  telemetryOptions: {
    logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }), forward: {} },
  },
  shutdownSignals: [],
});

function announced(activities: Activities, ask: Ask): Activities {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      await ask({ method: 'activity.before', input });
      const result = await (activity as (input: never) => Promise<unknown>)(input);
      await ask({ method: 'activity.after', input: null });
      return result;
    },
  ]);
  return Object.fromEntries(wrapped) as Activities;
}

/** Temporal may be away just now; whatever supervises a worker would start it again. */
async function connected<T>(connect: () => Promise<T>): Promise<T> {
  for (let left = secondsToConnect; ; left -= 1) {
    try {
      return await connect();
    } catch (error) {
      if (left === 0) throw error;
      await setTimeout(1000);
    }
  }
}

const ask = askParent();
process.on('disconnect', () => process.exit(0));
// Until then everything is loaded, so that a new worker takes over at once.
const told = new Promise<void>((resolve) => {
  process.on('message', (message) => {
    if (message === 'go') resolve();
  });
});
process.send!('ready');
await told;
const connection = await connected(() => NativeConnection.connect({ address: order.address }));
const client = new Client({ connection: await connected(() => Connection.connect({ address: order.address })) });
const ports = await remotePorts({ ask, client });
const workers = await createWorkers({
  connection,
  namespace: 'default',
  queuePrefix: order.queuePrefix,
  activities: announced(createActivities({ ports }), ask),
  // What a killed worker had begun waits this long for it before another takes it.
  code: { workflowBundle: { codePath: order.bundle }, stickyQueueScheduleToStartTimeout: '1 second' },
});
await workers.run();
