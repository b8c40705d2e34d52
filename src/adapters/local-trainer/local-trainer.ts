import { access } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import {
  type ArtifactStore,
  PortError,
  type Trainer,
  type TrainingRequest,
  type TrainingResult,
  type TrainingStatus,
} from '../../activities/ports.js';
import { type ArtifactRef, refKey } from '../../domain/artifact-ref.js';
import { digestFile } from '../directory-store/atomic-files.js';
import { collectOutputs } from './collect.js';
import { JobFolder, readJson } from './job-folder.js';
import { type AttemptState, attemptState } from './job-state.js';
import { launch } from './launch.js';
import { type JobResult, lastLines, readProgress, readResult } from './outputs.js';
import { identifyProcess } from './process-identity.js';
import { defaultGraceMilliseconds, stopJob } from './stop-job.js';

export interface LocalTrainerSettings {
  store: ArtifactStore;
  /** Jobs lie in `<home>/training/<jobName>/`. */
  home: string;
  /** The Python of the model environment. */
  python: string;
  /** `training/train.py`. */
  script: string;
  /** Folder of each base model, by its id. */
  baseModels: Readonly<Record<string, string>>;
  /** Where metrics go; null for nowhere. */
  trackingUri: string | null;
  threads?: number;
  /** The training process's whole environment; nothing of this process's own reaches it. */
  environment: Readonly<Record<string, string>>;
  graceMilliseconds?: number;
  now?: () => Date;
}

const launchMilliseconds = 30_000;
const pollMilliseconds = 50;
/** A job that keeps vanishing (out of memory, as a rule) is not resumed for ever. */
const vanishLimit = 5;

/**
 * Training on this machine: one Python process a job, in a group of its own, which outlives the worker that started
 * it. All workers of one understudy home share the jobs. A process that ended with a code other than 0 has failed and
 * is left alone; one that was stopped or vanished (killed, machine gone) has state `stopped`, and `start` resumes it
 * from its checkpoints; after 5 vanished attempts it has failed.
 */
export class LocalTrainer implements Trainer {
  readonly #settings: LocalTrainerSettings;
  readonly #now: () => Date;

  constructor(settings: LocalTrainerSettings) {
    this.#settings = settings;
    this.#now = settings.now ?? (() => new Date());
  }

  async start(request: TrainingRequest): Promise<void> {
    const folder = this.#folder(request);
    const config = await this.#config({ folder, request });
    await folder.create();
    await this.#remember({ folder, request });
    const deadline = Date.now() + launchMilliseconds;
    while (Date.now() < deadline) {
      const state = await attemptState({ folder });
      const result = await readResult(folder);
      if (state.kind === 'running' || result?.status === 'completed' || hasFailed({ state, result })) return;
      if (state.kind === 'launching') await pause(pollMilliseconds);
      else if (await this.#launch({ folder, number: numberOf(state) + 1, config })) return;
    }
    throw new PortError('Unavailable', `training job ${request.jobName}: another worker is launching it and hangs`);
  }

  async status({ jobName }: { jobName: string }): Promise<TrainingStatus> {
    const folder = this.#folder({ jobName });
    const state = await attemptState({ folder });
    const result = await readResult(folder);
    const progress = await readProgress(folder);
    const { step, totalSteps, loss } = progress ?? { step: 0, totalSteps: 0, loss: null };
    if (result?.status === 'completed')
      return { state: 'completed', step, totalSteps, loss, failure: null, seconds: result.seconds };
    if (state.kind === 'none') throw new PortError('NotFound', `training job ${jobName}: was never started`);
    const seconds = await this.#seconds({ folder, state });
    if (state.kind === 'running' || state.kind === 'launching')
      return { state: 'running', step, totalSteps, loss, failure: null, seconds };
    const failure = await describeEnd({ folder, state, result });
    return { state: hasFailed({ state, result }) ? 'failed' : 'stopped', step, totalSteps, loss, failure, seconds };
  }

  async collect({ jobName, keyPrefix }: { jobName: string; keyPrefix: string }): Promise<TrainingResult> {
    const folder = this.#folder({ jobName });
    const result = await readResult(folder);
    if (result?.status !== 'completed')
      throw new PortError('NotFound', `training job ${jobName}: has not completed, so there is nothing to collect`);
    return collectOutputs({ folder, result, store: this.#settings.store, keyPrefix });
  }

  async stop({ jobName }: { jobName: string }): Promise<void> {
    const graceMilliseconds = this.#settings.graceMilliseconds ?? defaultGraceMilliseconds;
    await stopJob({ folder: this.#folder({ jobName }), graceMilliseconds });
  }

  #folder({ jobName }: { jobName: string }): JobFolder {
    return new JobFolder({ home: this.#settings.home, jobName });
  }

  /** What `train.py` reads. Rejects for a base that is not here and for data that is not what the request names. */
  async #config({ folder, request }: { folder: JobFolder; request: TrainingRequest }): Promise<object> {
    const { baseModels, trackingUri, threads, python, script } = this.#settings;
    const base = Object.hasOwn(baseModels, request.base.id) ? baseModels[request.base.id] : undefined;
    if (base === undefined)
      throw new PortError(
        'InvalidInput',
        `base.id ${request.base.id}: is not on this machine; expected one of ${Object.keys(baseModels).join(', ') || 'none, as no base model is set up'}`,
      );
    for (const [what, path] of Object.entries({ base, python, script }))
      await access(path).catch((error: unknown) => {
        throw new PortError('InvalidInput', `${what} ${path}: is not there; run the set-up again`, null, {
          cause: error,
        });
      });
    return {
      base,
      trainFile: await this.#localData(request.trainFile),
      validationFile: await this.#localData(request.validationFile),
      outputDir: folder.output,
      checkpointDir: folder.checkpoints,
      ...request.settings,
      ...(request.preferences && {
        preferences: { ...request.preferences, file: await this.#localData(request.preferences.file) },
      }),
      saveSteps: saveSteps(request.settings.maxSteps),
      // One core is left to the servers beside it: threads that wait for one that has no core cost more than it gives.
      threads: threads ?? Math.max(1, availableParallelism() - 1),
      mlflow: trackingUri === null ? null : { trackingUri, runId: request.trackingRunId },
    };
  }

  async #localData(ref: ArtifactRef): Promise<string> {
    const path = await this.#settings.store.localPath({ key: refKey(ref) });
    const { sha256 } = await digestFile(path);
    if (sha256 !== ref.sha256)
      throw new PortError('DigestMismatch', `${ref.uri}: sha256 ${sha256}, expected ${ref.sha256}`);
    return path;
  }

  async #remember({ folder, request }: { folder: JobFolder; request: TrainingRequest }): Promise<void> {
    const path = join(folder.path, 'request.json');
    // What a platform of rented machines may cost is nothing to this one, and no other request.
    const { resources, ...value } = request;
    if (await folder.writeOnce({ path, value })) return;
    const first = await readJson({ path, schema: z.unknown() });
    if (!isDeepStrictEqual(first, JSON.parse(JSON.stringify(value))))
      throw new PortError(
        'InvalidInput',
        `training job ${request.jobName}: exists with another request, ${path}; use another name`,
      );
  }

  /** False when another worker claimed the number. */
  async #launch({ folder, number, config }: { folder: JobFolder; number: number; config: object }): Promise<boolean> {
    const { python, script, environment } = this.#settings;
    const launcher = await identifyProcess({ pid: process.pid });
    if (!launcher)
      throw new PortError('Unavailable', `this process, ${process.pid}, can't be found in the process table`);
    const configPath = folder.attemptPath({ number, part: 'config.json' });
    if (!(await folder.claim({ number, claim: { launcher, at: this.#now().toISOString() } }))) return false;
    try {
      await folder.write({ path: configPath, value: config });
      const command = [python, script, '--config', configPath];
      await launch({ folder, number, command, environment, now: this.#now });
      return true;
    } catch (error) {
      const exit = { code: null, signal: null, at: this.#now().toISOString() };
      await folder.writeOnce({ path: folder.attemptPath({ number, part: 'exit' }), value: exit });
      throw error instanceof PortError
        ? error
        : new PortError('Unavailable', `training process could not start: ${String(error)}`, null, { cause: error });
    }
  }

  async #seconds({ folder, state }: { folder: JobFolder; state: AttemptState }): Promise<number> {
    const first = await folder.attempt(1);
    const end = state.kind !== 'none' && state.attempt.exit ? Date.parse(state.attempt.exit.at) : this.#now().getTime();
    return Math.max(0, (end - Date.parse(first.claim.at)) / 1000);
  }
}

const numberOf = (state: AttemptState): number => (state.kind === 'none' ? 0 : state.attempt.number);

/** A process that a signal ended in order writes a result that says `stopped`, and ends with code 0. */
const hasFailed = ({ state, result }: { state: AttemptState; result: JobResult | null }): boolean =>
  (state.kind === 'ended' && result?.status !== 'stopped') || (state.kind === 'vanished' && state.times >= vanishLimit);

/** Some ten checkpoints a job with a known end; else every 25 optimiser steps. */
const saveSteps = (maxSteps: number | null): number => (maxSteps === null ? 25 : Math.max(1, Math.ceil(maxSteps / 10)));

async function describeEnd({
  folder,
  state,
  result,
}: {
  folder: JobFolder;
  state: AttemptState;
  result: JobResult | null;
}): Promise<string> {
  const lines = await lastLines(folder);
  const tail = lines === '' ? 'it wrote nothing' : lines;
  if (state.kind === 'ended' && result?.status !== 'stopped')
    return `exit code ${state.code}, without a result: ${tail}`;
  if (state.kind === 'vanished')
    return `the process vanished (${state.times} of ${vanishLimit} times, then the job has failed; start resumes it): ${tail}`;
  return `stopped; start resumes it: ${tail}`;
}
