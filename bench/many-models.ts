import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { patientQueries } from '../src/client/patient-queries.js';
import { patientUpdates } from '../src/client/patient-updates.js';
import { startTemporalServer } from '../test/chaos/temporal-server.js';
import { createLifecycles } from './support/instant-lifecycles.js';
import { startInstantWorker } from './support/instant-worker-process.js';
import { report, reportMachine } from './support/report.js';
import { timed } from './support/timed.js';

/*
 * Hundreds of models in one namespace: `npm run bench -- many-models [MODELS [RELEASES]]` (300 and 100 without). One dev
 * server, one worker process with instant activities: what lifecycles take at rest, and with so many releases at the same time.
 */
const bench = 'many-models';
const queuePrefix = 'many-';
const atOnce = 50;
const probeMilliseconds = 250;
const models = Number(process.argv[2] ?? 300);
const releases = Number(process.argv[3] ?? Math.min(models, 100));
if (![models, releases].every((count) => Number.isInteger(count) && count >= 1) || releases > models) {
  const asked = process.argv.slice(2).join(' ');
  process.stderr.write(`many-models: "${asked}"; expected models, and releases of no more of them\n`);
  process.exit(2);
}

/** Memory that a process holds, in MiB. */
async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** `work` for each of `items`, some at once. */
async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
    }),
  );
}

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;

reportMachine({ bench });
const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-'));
const server = await startTemporalServer({ folder });
const worker = await startInstantWorker({ address: server.address, queuePrefix });
const connection = await Connection.connect({ address: server.address });
const client = new Client({ connection, interceptors: { workflow: [patientUpdates, patientQueries] } });
const { start, touch, state, release } = createLifecycles({ client, queuePrefix });

async function informs(metric: string, value: number, unit: string): Promise<void> {
  report({ ...{ bench, metric, value, unit, target: null, ok: null } });
}
async function memory(when: string): Promise<void> {
  await informs(`memory of the worker, ${when}`, await worker.memory(), 'MiB');
  await informs(`memory of the dev server, ${when}`, await residentOf(server.pid), 'MiB');
}

/** Seconds that a person waits for an answer of a model whose release nobody has asked for. */
async function probe(model: string, until: Promise<unknown>): Promise<number[]> {
  const seconds: number[] = [];
  let over = false;
  void until.finally(() => (over = true));
  while (!over) {
    seconds.push(await timed(() => touch(model)));
    await wait(probeMilliseconds);
  }
  return seconds;
}

try {
  await start('warm');
  await release('warm');
  await memory('before');

  const names = Array.from({ length: models }, (_, index) => `m${index + 1}`);
  await informs(`${models} lifecycles begun`, await timed(() => forEach(names, start)), 's');
  await memory(`with ${models} lifecycles at rest`);
  await informs(`state of ${models} lifecycles read`, await timed(() => forEach(names, state)), 's');

  const outcomes: string[] = [];
  const playing = timed(async () => {
    const settled = await Promise.allSettled(names.slice(0, releases).map(release));
    outcomes.push(...settled.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason))));
  });
  const waited = await probe('warm', playing);
  const seconds = await playing;
  const failures = outcomes.filter((outcome) => outcome !== 'promoted');
  const failed = failures.length;
  report({
    ...{ bench, metric: `of ${releases} releases at once failed`, value: failed, unit: 'releases' },
    ...{
      target: '0',
      ok: failed === 0,
      note: [...failures.slice(0, 1), `${seconds.toFixed(1)} s; load average ${loadavg()[0]!.toFixed(1)}`].join('; '),
    },
  });
  await informs('releases a second', releases / seconds, '1/s');
  await informs('answer of a model beside them, median', quantile(waited, 0.5), 's');
  await informs('answer of a model beside them, 95 of 100', quantile(waited, 0.95), 's');
  await memory(`after ${releases} releases`);
} finally {
  await connection.close();
  await worker.stop();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
// What the SDK has under way keeps the process.
process.exit();
