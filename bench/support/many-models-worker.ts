import { NativeConnection, bundleWorkflowCode } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { createWorkers } from '../../src/workers/workers.js';
import { createWorld } from '../../test/workflows/support/world.js';

/*
 * A worker process over a world that answers at once: `many-models-worker.ts ADDRESS PREFIX`. Says "polling" once it
 * does, and ends with SIGTERM.
 */
const [address = '', queuePrefix = ''] = process.argv.slice(2);
const steps = [0.05, 0.25].map((share) => ({ share, duration: 'PT0S', maximum: 'PT1H' }));
const world = await createWorld({
  rollout: { approval: { automatic: true }, canary: { steps }, bake: { duration: 'PT0S' } },
});
let revision = 0;
const instantPlan = async () => ({ revision: (revision += 1), at: new Date().toISOString() });
const workers = await createWorkers({
  ...{ connection: await NativeConnection.connect({ address }), namespace: 'default', queuePrefix },
  activities: Object.assign(world.activities, { writePlan: instantPlan, restoreChampion: instantPlan }),
  code: {
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url)),
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    }),
  },
});
// What the stand-ins remember of each call is no memory of the worker's.
const forget = setInterval(() => {
  for (const kept of [world.calls, world.plans, world.closed, world.audited]) kept.length = 0;
}, 1000);
process.once('SIGTERM', () => workers.shutdown());
const running = workers.run();
process.stdout.write('polling\n');
await running;
clearInterval(forget);
await world.dispose();
process.exit();
