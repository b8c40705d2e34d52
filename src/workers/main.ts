import { mkdir } from 'node:fs/promises';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../activities/index.js';
import { FolderTokenizers } from '../adapters/base-tokenizers/folder-tokenizers.js';
import { openStore } from '../adapters/open-store.js';
import { rememberKeys } from '../adapters/payload-codec/remember-keys.js';
import { clientOptions, connectionOptions, temporalPlaceOf } from '../adapters/temporal/temporal-place.js';
import { secretsIn } from '../config/secret.js';
import { loadWorkerHealthPort } from '../config/worker-health.js';
import { loadWorkerSettings } from '../config/worker-settings.js';
import { loadWorkerVersion } from '../config/worker-version.js';
import { createPseudonyms } from '../domain/dataset/pseudonyms.js';
import { embeddedPorts } from './embedded-ports.js';
import { serveHealth } from './health.js';
import { ensureOrphanSchedule } from './orphan-schedule.js';
import { installRuntime } from './runtime.js';
import { createWorkers } from './workers.js';

/** One process with a worker for every task queue; more processes mean more capacity. */
async function main(): Promise<void> {
  const settings = loadWorkerSettings();
  await mkdir(settings.home, { recursive: true });
  installRuntime(settings);
  const place = temporalPlaceOf({ settings: settings.temporal });
  await rememberKeys({ store: openStore({ location: settings.store }), keys: settings.temporal.payloadKeys });
  const connection = await NativeConnection.connect(connectionOptions(place));
  const { ports, codeCommit, close } = await embeddedPorts({ settings });
  const activities = createActivities({
    ports,
    codeCommit,
    pseudonyms: createPseudonyms({ key: settings.pseudonymKey?.reveal() ?? null }),
    approverKey: settings.approverKey?.reveal() ?? null,
    secrets: secretsIn(settings),
    tokenizers: new FolderTokenizers({ folders: settings.baseModels }),
  });
  const { version } = loadWorkerVersion();
  const workers = await createWorkers({ connection, ...clientOptions(place), queuePrefix: '', activities, version });
  await ensureOrphanSchedule({ temporal: new Client({ connection, ...clientOptions(place) }), queuePrefix: '' }).catch(
    (error: unknown) => process.stderr.write(`worker: nobody sweeps orphans: ${String(error)}\n`),
  );
  process.once('SIGINT', () => workers.shutdown());
  process.once('SIGTERM', () => workers.shutdown());
  const healthPort = loadWorkerHealthPort();
  const health = healthPort === null ? null : await serveHealth({ port: healthPort, stopped: () => workers.stopped() });
  process.stdout.write(`${JSON.stringify({ polling: workers.queues })}\n`);
  await workers.run();
  await health?.close();
  await close();
  await connection.close();
}

main().catch((error: unknown) => {
  process.stderr.write(`worker: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 2;
});
