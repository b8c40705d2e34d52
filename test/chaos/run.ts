import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode } from '@temporalio/worker';
import { queueName } from '../../src/contracts/names.js';
import { leftRunning, violationsOf, type ModelEnd } from './invariants.js';
import { createModelStory, type ModelStory } from './model-story.js';
import { planOf, type ReleasePlan } from './release-plan.js';
import { replayAll } from './replays.js';
import { createAccidents } from './accidents.js';
import { readAnswers, storeSpecification } from './specification.js';
import { workflowSource } from '../../src/workers/workflow-code.js';
import { keepHistories } from './kept-histories.js';
import { startTemporalServer } from './temporal-server.js';
import { startWorkerPool } from './worker-pool.js';
import { buildWorkerProgram } from './worker-program.js';
import { createFaults, type Faults } from './world/faults.js';
import { createWorld, type Moment, type World } from './world/world.js';

const queuePrefix = 'chaos-';
/** A kill interrupts what runs on one of them: with more of them less of the work is begun again. */
const workers = 5;
const releasesAModel = 4;
/** A kill interrupts what all models do on that worker: with 40, activities were begun again more often than they ended. */
const mostModels = 10;
const calmMilliseconds = 10 * 60_000;

export interface ChaosReport {
  seed: number;
  /** Those that were played, of `asked`. */
  releases: number;
  asked: number;
  models: number;
  seconds: number;
  /** By outcome and stage, as the lifecycles remember. */
  outcomes: Record<string, number>;
  workersKilled: number;
  serverRestarts: number;
  /** Calls of ports by what went wrong with them. */
  faults: Record<string, number>;
  /** What people and accidents did, where they came in time. */
  deeds: Record<string, number>;
  /** Histories that were played once more from their beginning. */
  replayed: number;
  violations: string[];
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const tally = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

/** The workflows with timeouts of seconds, as a file that every worker loads. */
async function bundleInto(folder: string): Promise<string> {
  const { workflowsPath, workflowInterceptorModules } = workflowSource();
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [
      ...workflowInterceptorModules,
      fileURLToPath(new URL('worker/short-timeouts.ts', import.meta.url)),
    ],
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  });
  const path = join(folder, 'workflows.js');
  await writeFile(path, code);
  return path;
}

async function settle({ story }: { story: ModelStory }): Promise<boolean> {
  const deadline = Date.now() + calmMilliseconds;
  while (Date.now() < deadline) {
    const { running, queue, unfinishedReturn } = await story.describe();
    if (!running && queue.length === 0 && !unfinishedReturn) return true;
    await pause(1000);
  }
  return false;
}

async function untilNothingRuns(client: Client): Promise<string[]> {
  const deadline = Date.now() + calmMilliseconds;
  for (;;) {
    const running = await leftRunning({ client });
    if (running.length === 0 || Date.now() > deadline) return running;
    await pause(1000);
  }
}

interface Telling {
  say?: (line: string) => void;
  /** Aborts when no other release is to begin: the run ends with those that have begun, and checks them. */
  enough?: AbortSignal;
  /** Aborts when the run is to be given up; its processes end with it. */
  signal?: AbortSignal;
}

/**
 * Plays whole releases of several models side by side on the real dev server, with worker processes killed, the server
 * restarted and every port failing in every way, and then checks the world outside. All that is random comes from the
 * seed.
 */
export async function runChaos({
  seed,
  releases,
  ...telling
}: { seed: number; releases: number } & Telling): Promise<ChaosReport> {
  const count = Math.min(mostModels, Math.ceil(releases / releasesAModel));
  const share = (index: number): number => Math.floor(releases / count) + Number(index < releases % count);
  return await playChaos({
    ...{ seed, faults: createFaults({ seed }), planOf: (releaseId) => planOf({ seed, releaseId }), ...telling },
    releasesOf: new Map(Array.from({ length: count }, (_, index) => [`m${index + 1}`, share(index)])),
  });
}

/** The same with plans and faults of the caller's own; without accidents where `accidents` says so. */
export async function playChaos({
  seed,
  releasesOf,
  planOf,
  faults,
  accidents: withAccidents = true,
  onMoment = () => undefined,
  say = () => undefined,
  enough = new AbortController().signal,
  signal = new AbortController().signal,
}: {
  seed: number;
  /** How many of each model. */
  releasesOf: ReadonlyMap<string, number>;
  planOf: (releaseId: string) => ReleasePlan;
  faults: Faults;
  accidents?: boolean;
  onMoment?: (moment: Moment) => void;
} & Telling): Promise<ChaosReport> {
  const began = Date.now();
  const models = [...releasesOf.keys()];
  const releases = [...releasesOf.values()].reduce((sum, one) => sum + one, 0);
  const accidents = createAccidents({ seed, workers });
  const folder = await mkdtemp(join(tmpdir(), 'understudy-chaos-'));
  const closedAt = new Map<string, number>();
  const stories = new Map<string, ModelStory>();
  const world: World = createWorld({
    models,
    qualityOf: (releaseId) => planOf(releaseId).quality,
    answers: await readAnswers(),
    nextFault: (call) => faults.next(call),
    onMoment: (moment) => {
      const [, releaseId = ''] = moment.workflowId.split(':');
      if (moment.activity === 'closeRelease' && !closedAt.has(releaseId)) closedAt.set(releaseId, Date.now());
      stories.get(releaseId.replace(/-r\d+$/, ''))?.onMoment(moment);
      accidents.onMoment();
      onMoment(moment);
    },
  });
  const bundle = await bundleInto(folder);
  const program = await buildWorkerProgram({ folder });
  const server = await startTemporalServer({ folder });
  const order = { address: server.address, queuePrefix, bundle };
  const pool = await startWorkerPool({ world, program, order, size: workers });
  const client = new Client({ connection: await Connection.connect({ address: server.address }) });
  const givenUp = new Promise<never>((_, reject) => {
    const giveUp = (): void => reject(new Error('the run was given up'));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp);
  });
  // Whoever waits for the run hears of it.
  givenUp.catch(() => undefined);
  const unlessGivenUp = <Result>(work: Promise<Result>): Promise<Result> => Promise.race([givenUp, pool.broken, work]);
  try {
    for (const model of models)
      stories.set(
        model,
        createModelStory({
          ...{ client, model, planOf, taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }) },
          specification: await storeSpecification({ store: world.store, model }),
        }),
      );
    if (withAccidents) accidents.start({ pool, server });
    const progress = setInterval(() => {
      const seen = [...stories.values()].flatMap((story) => story.seen);
      say(`${seen.filter((one) => one.ended).length} of ${releases} releases ended, ${pool.kills} workers killed`);
    }, 10_000);
    const plays = models.map((model) => stories.get(model)!.play({ releases: releasesOf.get(model)!, enough }));
    await unlessGivenUp(Promise.all(plays)).finally(() => clearInterval(progress));
    await accidents.stop();
    faults.end();
    const violations: string[] = [];
    const outcomes: string[] = [];
    for (const [model, story] of stories)
      if (!(await unlessGivenUp(settle({ story })))) violations.push(`${model}: its lifecycle does not come to rest`);
    violations.push(
      ...(await unlessGivenUp(untilNothingRuns(client))).map((workflowId) => `${workflowId} is still running`),
    );
    for (const [model, story] of stories) {
      const end: ModelEnd = { model, state: await story.describe(), releases: story.seen };
      outcomes.push(...end.state.ended.map(({ outcome, stage }) => `${outcome} in ${stage}`));
      for (const one of end.state.ended)
        say(`${one.releaseId} ${one.outcome} in ${one.stage}: ${one.reasons.join('; ')}`);
      violations.push(...(await violationsOf({ world, end, closedAt })));
    }
    // Nothing that follows may hide what was found.
    for (const violation of violations) say(`violation: ${violation}`);
    const { replayed, problems } = await unlessGivenUp(replayAll({ client, bundle }));
    violations.push(...problems);
    await unlessGivenUp(Promise.resolve());
    if (violations.length > 0) say(`histories: ${await keepHistories({ client, violations })}`);
    // Only here: calls that wait to be tried again would break the process, and with it hide why the run failed.
    await client.connection.close();
    const seen = [...stories.values()].flatMap((story) => story.seen);
    return {
      ...{ seed, releases: seen.length, asked: releases, models: models.length, seconds: (Date.now() - began) / 1000 },
      ...{ outcomes: tally(outcomes), workersKilled: pool.kills, serverRestarts: accidents.restarts },
      faults: Object.fromEntries([...faults.counts].filter(([fault]) => fault !== 'none').sort()),
      deeds: tally(seen.flatMap(({ deed, done }) => (deed && done ? [deed] : []))),
      ...{ replayed, violations },
    };
  } catch (error) {
    if (!signal.aborted)
      say(
        `histories: ${await client.withDeadline(Date.now() + 30_000, () => keepHistories({ client })).catch(String)}`,
      );
    throw error;
  } finally {
    world.close();
    await pool.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
