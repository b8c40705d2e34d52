import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { patientQueries } from '../src/client/patient-queries.js';
import { patientUpdates } from '../src/client/patient-updates.js';
import { startTemporalServer, type TemporalServer } from '../test/chaos/temporal-server.js';
import { queuesOf } from './support/history-count.js';
import { createLifecycles, type Lifecycles } from './support/instant-lifecycles.js';
import { startInstantWorker, type InstantWorker } from './support/instant-worker-process.js';
import { killWatchers } from './support/killed-watcher.js';
import { median, report, reportMachine, spreadOf } from './support/report.js';
import { timed } from './support/timed.js';

/*
 * What a crash costs, and what many lifecycles at once do: `npm run bench -- recovery [RELEASES [ROUNDS]]`, with the
 * number of releases over which the memory of a worker is watched (1,000 without), and how often lifecycles are held
 * against bare activities (3). 0 leaves a figure out.
 */
const bench = 'recovery';
const heartbeatSeconds = 10;
/** Heartbeats are sent every eight seconds: early, in the middle and late between two of them. */
const watchedMilliseconds = [1000, 4000, 7000];
const lifecyclesAtOnce = 100;
const modelsWatched = 10;
const targets = { seconds: 15, failures: 0, ratio: 1.5, growth: 1.1 };
const load = (): string => `load average ${loadavg()[0]!.toFixed(1)}`;

async function withServer(work: (server: TemporalServer, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-'));
  const server = await startTemporalServer({ folder });
  try {
    await work(server, folder);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const takeover = (): Promise<void> =>
  withServer(async (server, folder) => {
    const killed = await killWatchers({ server, folder, after: watchedMilliseconds });
    const beyond = killed.map((seconds) => seconds - heartbeatSeconds);
    const value = Math.max(...beyond);
    report({
      ...{ bench, metric: 'worker killed: its work goes on elsewhere, beyond the heartbeat limit, slowest', unit: 's' },
      ...{ value, target: `<= ${targets.seconds}`, ok: value <= targets.seconds, spread: spreadOf(beyond) },
      note: `heartbeat limit ${heartbeatSeconds} s, counted from the kill; ${load()}`,
    });
  });

/** All results, also where some fail: what is under way then must not outlive the server. */
async function all(works: Promise<string>[]): Promise<string[]> {
  const settled = await Promise.allSettled(works);
  return settled.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)));
}

/**
 * Lifecycles from their start to the end of a release each, beside as many runs of the same activities, and of the same
 * activities in workflows of the same shape that hold nothing, in turn.
 */
async function throughput(lifecycles: Lifecycles, rounds: number): Promise<void> {
  await lifecycles.start('warm');
  await lifecycles.release('warm');
  const steps = await lifecycles.stepsOf('warm');
  const queues = queuesOf(steps);
  const many = (one: (index: number) => Promise<string>): Promise<string[]> =>
    all(Array.from({ length: lifecyclesAtOnce }, (_, index) => one(index)));
  const ratios: number[] = [];
  const shapes: number[] = [];
  const notes: string[] = [];
  const failures: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const releases = await timed(async () => {
      const outcomes = await many(async (index) => {
        const model = `round-${round}-${index}`;
        await lifecycles.begin(model);
        return await lifecycles.release(model);
      });
      failures.push(...outcomes.filter((outcome) => outcome !== 'promoted'));
    });
    const yardstick = (one: () => Promise<void>): Promise<number> =>
      timed(async () => {
        const outcomes = await many(() => one().then(() => 'done'));
        failures.push(...outcomes.filter((outcome) => outcome !== 'done'));
      });
    const bare = await yardstick(() => lifecycles.bare(queues));
    const empty = await yardstick(() => lifecycles.empty(steps));
    ratios.push(releases / bare);
    shapes.push(empty / bare);
    notes.push(`${releases.toFixed(1)} s against ${bare.toFixed(1)} s`);
  }
  report({
    ...{
      bench,
      metric: `failed of ${rounds} times ${lifecyclesAtOnce} lifecycles with a release each`,
      unit: 'releases',
    },
    ...{ value: failures.length, target: `${targets.failures}`, ok: failures.length === targets.failures },
    note: failures[0] ?? load(),
  });
  const ratio = median(ratios);
  report({
    ...{
      bench,
      metric: `${lifecyclesAtOnce} lifecycles with a release each over as many bare activities`,
      unit: 'ratio',
    },
    ...{ value: ratio, target: `<= ${targets.ratio}`, ok: ratio <= targets.ratio, spread: spreadOf(ratios) },
    note: `${notes.join(', ')}; ${queues.length} activities each; ${load()}`,
  });
  report({
    ...{ bench, metric: `of which empty workflows of the same shape over as many bare activities`, unit: 'ratio' },
    ...{ value: median(shapes), target: null, ok: null, spread: spreadOf(shapes) },
  });
}

/** What the worker's process holds after a tenth of the releases, and after all. */
async function flatness(lifecycles: Lifecycles, memory: () => Promise<number>, releases: number): Promise<void> {
  const models = Array.from({ length: modelsWatched }, (_, index) => `watched-${index}`);
  await Promise.all(models.map((model) => lifecycles.start(model)));
  const failures: string[] = [];
  const play = (each: number) =>
    all(
      models.map(async (model) => {
        for (let played = 0; played < each; played += 1) {
          const outcome = await lifecycles.release(model);
          if (outcome !== 'promoted') failures.push(outcome);
        }
        return '';
      }),
    );
  const held: number[] = [];
  const tenth = releases / modelsWatched / 10;
  for (let part = 0; part < 10; part += 1) {
    await play(tenth);
    held.push(await memory());
  }
  const growth = held.at(-1)! / held[0]!;
  report({
    ...{
      bench,
      metric: `memory of a worker after ${releases} releases over that after ${releases / 10}`,
      unit: 'ratio',
    },
    ...{ value: growth, target: `<= ${targets.growth}`, ok: growth <= targets.growth && failures.length === 0 },
    note: `${held.map((mib) => mib.toFixed(0)).join(', ')} MiB resident; ${failures.length} releases failed${failures[0] === undefined ? '' : `, the first: ${failures[0]}`}; ${load()}`,
  });
}

const [watchedReleases = 1000, rounds = 3] = process.argv.slice(2).map(Number);
if (!Number.isInteger(watchedReleases / 100) || watchedReleases < 0 || !Number.isInteger(rounds) || rounds < 0) {
  const asked = process.argv.slice(2).join(' ');
  process.stderr.write(`recovery: "${asked}"; expected a multiple of 100 releases, and a number of rounds\n`);
  process.exit(2);
}
reportMachine({ bench });
await takeover();
await withServer(async ({ address }) => {
  const queuePrefix = 'bench-';
  const connection = await Connection.connect({ address });
  const lifecycles = createLifecycles({
    client: new Client({ connection, interceptors: { workflow: [patientUpdates, patientQueries] } }),
    queuePrefix,
  });
  const measures = [
    ...(rounds > 0 ? [() => throughput(lifecycles, rounds)] : []),
    // A worker that has done nothing else.
    ...(watchedReleases > 0 ? [({ memory }: InstantWorker) => flatness(lifecycles, memory, watchedReleases)] : []),
  ];
  for (const measure of measures) {
    const worker = await startInstantWorker({ address, queuePrefix });
    await measure(worker).finally(() => worker.stop());
  }
  await connection.close();
});
// What the SDK has under way keeps the process.
process.exit();
