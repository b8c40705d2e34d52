import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, bundleWorkflowCode } from '@temporalio/worker';
import { createOutcomeActivities } from '../../src/activities/outcomes.js';
import { TemporalOutcomes } from '../../src/adapters/temporal-outcomes/temporal-outcomes.js';
import { workflowSource } from '../../src/workers/workflow-code.js';
import { createWorkers } from '../../src/workers/workers.js';
import '../../test/support/temporal.js';
import { createWorld } from '../../test/workflows/support/world.js';

/*
 * A worker process over a world that answers at once: `instant-worker.ts ADDRESS PREFIX`. Says "polling" to its parent
 * once it does, answers each message with the bytes that it holds, and ends with SIGTERM.
 */
const [address = '', queuePrefix = ''] = process.argv.slice(2);
const steps = [0.01, 0.05, 0.25, 0.5].map((share) => ({ share, duration: 'PT0S', maximum: 'PT1H' }));
const world = await createWorld({
  rollout: { approval: { automatic: true }, canary: { steps }, bake: { duration: 'PT0S' } },
});
let revision = 0;
const instantPlan = async () => ({ revision: (revision += 1), at: new Date().toISOString() });
const client = new Client({ connection: await Connection.connect({ address }) });
const outcomes = new TemporalOutcomes({ client });
const workers = await createWorkers({
  ...{ connection: await NativeConnection.connect({ address }), namespace: 'default', queuePrefix },
  activities: Object.assign(world.activities, {
    bareCall: async () => undefined,
    // Over so many releases lifecycles continue as new, and find the release that they wait for again.
    ...createOutcomeActivities({ outcomes }),
    ...{ writePlan: instantPlan, restoreChampion: instantPlan },
  }),
  code: {
    workflowBundle: await bundleWorkflowCode({
      ...workflowSource({ workflows: fileURLToPath(new URL('control-plane-workflows.ts', import.meta.url)) }),
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    }),
  },
});
// What the stand-ins remember of each call is no memory of the worker's.
const forget = setInterval(() => {
  for (const kept of [world.calls, world.plans, world.closed, world.audited]) kept.length = 0;
}, 1000);
process.once('SIGTERM', () => workers.shutdown());
process.on('message', () => {
  (globalThis as { gc?: () => void }).gc?.();
  process.send!({ bytes: process.memoryUsage.rss() });
});
const running = workers.run();
process.send!('polling');
await running;
clearInterval(forget);
await world.dispose();
process.exit();
