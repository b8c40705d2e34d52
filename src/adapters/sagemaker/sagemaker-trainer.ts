import { setTimeout as wait } from 'node:timers/promises';
import { CreateTrainingJobCommand, ListTagsCommand, StopTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import {
  PortError,
  type Trainer,
  type TrainingRequest,
  type TrainingResult,
  type TrainingStatus,
} from '../../activities/ports.js';
import { awsErrorOf, awsFailure } from '../aws/aws-failure.js';
import { type Attempt, Attempts, hasEnded, isUnknownJob, isWorthAnother } from './attempts.js';
import { awaitQuota, billedSeconds, costSoFar, nextInstances, planAttempt } from './attempt-plan.js';
import { collectModel } from './collect-model.js';
import { attemptName } from './job-name.js';
import { logTail } from './log-tail.js';
import type { SageMakerTrainerSettings } from './settings.js';
import { describeAttempt, jobPrefix, metricNames, requestDigest, tagKeys } from './training-job.js';

/** A name that was just given away may be unknown to the next look: SageMaker's answers settle within seconds. */
const settleMilliseconds = 3_000;
const settlePollMilliseconds = 500;
const stopMilliseconds = 45_000;

/**
 * Training on SageMaker. A job of ours is a row of attempts, each a training job with a name made from ours, which
 * share their checkpoints: one that found no capacity, whose spot instance went away for good, that SageMaker itself
 * failed, or that was stopped, has state `stopped`, and `start` begins the next one, on the next instance type of the
 * list where capacity was missing. Deadline and budget hold over all attempts together. The state is SageMaker's alone, so any worker goes on.
 */
export class SageMakerTrainer implements Trainer {
  readonly #settings: SageMakerTrainerSettings;
  readonly #attempts: Attempts;

  constructor(settings: SageMakerTrainerSettings) {
    this.#settings = settings;
    this.#attempts = new Attempts(settings);
  }

  async start(request: TrainingRequest): Promise<void> {
    this.#check(request);
    const attempts = await this.#attempts.of(request);
    const last = attempts.at(-1);
    if (attempts[0]) await this.#checkOwner({ attempt: attempts[0], request });
    if (last && (!hasEnded(last) || last.job.TrainingJobStatus === 'Completed')) return;
    if (last?.job.TrainingJobStatus === 'Failed' && !isWorthAnother(attempts)) return;
    await this.#next({ request, attempts });
  }

  async status({ jobName }: { jobName: string }): Promise<TrainingStatus> {
    const attempts = await this.#settled({ jobName });
    const last = attempts.at(-1);
    if (last === undefined) throw new PortError('NotFound', `training job ${jobName}: was never started`);
    const state = stateOf(attempts);
    const failure = state === 'failed' ? await this.#failure(last) : state === 'stopped' ? whyStopped(last) : null;
    const metric = (name: string): number | null => newestMetric({ attempts, name });
    return {
      state,
      step: metric(metricNames.step) ?? 0,
      totalSteps: metric(metricNames.totalSteps) ?? 0,
      loss: metric(metricNames.loss),
      failure,
      seconds: attempts.reduce((sum, attempt) => sum + this.#trainedSeconds(attempt), 0),
      costUsd: costSoFar({ attempts, prices: this.#settings.hourlyPrices }),
      detail: `${last.name} on ${last.job.ResourceConfig?.InstanceType ?? '?'}: ${last.job.SecondaryStatus ?? '?'}`,
    };
  }

  async collect({ jobName, keyPrefix }: { jobName: string; keyPrefix: string }): Promise<TrainingResult> {
    const attempts = await this.#attempts.of({ jobName });
    const last = attempts.at(-1);
    if (last?.job.TrainingJobStatus !== 'Completed')
      throw new PortError('NotFound', `training job ${jobName}: has not completed, so there is nothing to collect`);
    const result = await collectModel({ attempt: last, settings: this.#settings, keyPrefix });
    return { ...result, costUsd: costSoFar({ attempts, prices: this.#settings.hourlyPrices }) };
  }

  /** Returns when SageMaker has let go of the instance, as it is billed until then. */
  async stop({ jobName }: { jobName: string }): Promise<void> {
    const last = (await this.#settled({ jobName })).at(-1);
    if (last === undefined || hasEnded(last)) return;
    if (last.job.TrainingJobStatus !== 'Stopping') await this.#askToStop(last);
    const until = this.#settings.now().getTime() + stopMilliseconds;
    while (this.#settings.now().getTime() < until) {
      this.#attempts.forget(last);
      const now = (await this.#attempts.of({ jobName })).at(-1);
      if (now === undefined || hasEnded(now)) return;
      await wait(settlePollMilliseconds);
    }
    throw new PortError('Timeout', `training job ${last.name}: still stops after ${stopMilliseconds} ms`);
  }

  #check({ jobName, base, resources }: TrainingRequest): void {
    const { baseModels, hourlyPrices } = this.#settings;
    const problems: string[] = [];
    if (!Object.hasOwn(baseModels, base.id))
      problems.push(
        `base.id ${base.id}: expected one of ${Object.keys(baseModels).join(', ') || 'none, as none is set'}`,
      );
    for (const type of resources.instances)
      if (!Object.hasOwn(hourlyPrices, type))
        problems.push(`training.instances ${type}: has no price an hour in the settings, so no budget can be kept`);
    if (problems.length > 0) throw new PortError('InvalidInput', `training job ${jobName}: ${problems.join('; ')}`);
  }

  /** Rejects where the name belongs to somebody else, or to another request of ours. */
  async #checkOwner({ attempt, request }: { attempt: Attempt; request: TrainingRequest }): Promise<void> {
    const tags = await this.#tagsOf(attempt);
    if (tags[tagKeys.job] !== request.jobName)
      throw new PortError(
        'InvalidInput',
        `training job ${attempt.name}: belongs to somebody else (its tag ${tagKeys.job} is ${tags[tagKeys.job] ?? 'missing'}); rename the model`,
      );
    if (tags[tagKeys.request] !== requestDigest(request))
      throw new PortError(
        'InvalidInput',
        `training job ${attempt.name}: exists with another request; use another name`,
      );
  }

  async #tagsOf({ name, job }: Attempt): Promise<Record<string, string>> {
    try {
      const { Tags } = await this.#settings.client.send(new ListTagsCommand({ ResourceArn: job.TrainingJobArn }));
      return Object.fromEntries((Tags ?? []).map(({ Key, Value }): [string, string] => [Key ?? '', Value ?? '']));
    } catch (error) {
      throw awsFailure({ what: `reading the tags of training job ${name}`, error });
    }
  }

  async #next({ request, attempts }: { request: TrainingRequest; attempts: readonly Attempt[] }): Promise<void> {
    const { client, hourlyPrices, now } = this.#settings;
    const name = attemptName({ jobName: request.jobName, number: attempts.length + 1 });
    const refused: string[] = [];
    for (const instanceType of nextInstances({ request, attempts, prices: hourlyPrices, now: now() })) {
      const time = planAttempt({ request, attempts, instanceType, prices: hourlyPrices, now: now() });
      const job = describeAttempt({ request, name, instanceType, ...time, settings: this.#settings });
      try {
        await client.send(new CreateTrainingJobCommand(job));
        this.#attempts.forget({ name });
        return;
      } catch (error) {
        const kind = awsErrorOf(error).name;
        if (kind === 'ResourceInUse') return this.#checkWinner({ request, number: attempts.length + 1 });
        if (kind !== 'ResourceLimitExceeded') throw awsFailure({ what: `starting training job ${name}`, error });
        refused.push((error as Error).message);
      }
    }
    if (!refused.every(isQuotaOfNone)) {
      const since = attempts.length > 0 ? now() : await this.#firstAsked(request);
      awaitQuota({ request, attempts, prices: hourlyPrices, now: now(), since, refused });
    }
    const cost = costSoFar({ attempts, prices: hourlyPrices }).toFixed(2);
    throw new PortError(
      'TrainingFailed',
      `training job ${request.jobName}: the account's quota allows none of ${request.resources.instances.join(', ')}, ` +
        `${cost} USD so far; raise a quota or name other instances (${refused.join('; ')})`,
    );
  }

  /** When a job that was never begun was asked for first, kept beside its checkpoints, as any worker may ask next. */
  async #firstAsked(request: TrainingRequest): Promise<Date> {
    const { store, now } = this.#settings;
    const key = `${jobPrefix(request)}/asked`;
    await store.putIfAbsent({ key, body: Buffer.from(now().toISOString()) });
    const found = await store.get({ key });
    return found === null ? now() : new Date(Buffer.from(found.body).toString());
  }

  /** Somebody was first with this name: another worker of ours, as a rule. */
  async #checkWinner({ request, number }: { request: TrainingRequest; number: number }): Promise<void> {
    const attempt = (await this.#settled(request)).find((one) => one.number === number);
    if (attempt) await this.#checkOwner({ attempt, request });
  }

  async #settled({ jobName }: { jobName: string }): Promise<Attempt[]> {
    const until = this.#settings.now().getTime() + settleMilliseconds;
    for (;;) {
      const attempts = await this.#attempts.of({ jobName });
      if (attempts.length > 0 || this.#settings.now().getTime() >= until) return attempts;
      await wait(settlePollMilliseconds);
    }
  }

  async #askToStop({ name }: Attempt): Promise<void> {
    try {
      await this.#settings.client.send(new StopTrainingJobCommand({ TrainingJobName: name }));
    } catch (error) {
      // It ended between the look and the call; the next look says how.
      if (!isUnknownJob(error) && awsErrorOf(error).name !== 'ValidationException')
        throw awsFailure({ what: `stopping training job ${name}`, error });
    }
  }

  async #failure(attempt: Attempt): Promise<string> {
    const tail = await logTail({ logs: this.#settings.logs, name: attempt.name });
    return `${attempt.name}: ${attempt.job.FailureReason ?? 'no reason'}\n${tail}`;
  }

  #trainedSeconds({ job }: Attempt): number {
    if (job.TrainingTimeInSeconds !== undefined) return job.TrainingTimeInSeconds;
    if (job.TrainingStartTime === undefined) return 0;
    return Math.max(0, (this.#settings.now().getTime() - job.TrainingStartTime.getTime()) / 1000);
  }
}

function stateOf(attempts: readonly Attempt[]): TrainingStatus['state'] {
  const last = attempts.at(-1)!;
  if (!hasEnded(last)) return 'running';
  if (last.job.TrainingJobStatus === 'Completed') return 'completed';
  return last.job.TrainingJobStatus === 'Stopped' || isWorthAnother(attempts) ? 'stopped' : 'failed';
}

/** A quota that others use up is free again some day; one of 0 is not, and SageMaker refuses both by the same name. */
const isQuotaOfNone = (said: string): boolean => /limit '[^']*' is 0 /.test(said);

const whyStopped = ({ name, job }: Attempt): string =>
  `${name}: ${job.FailureReason ?? job.SecondaryStatus ?? 'stopped'} after ${billedSeconds(job)} billed seconds; start goes on`;

function newestMetric({ attempts, name }: { attempts: readonly Attempt[]; name: string }): number | null {
  for (const { job } of attempts.toReversed()) {
    const found = job.FinalMetricDataList?.find(({ MetricName }) => MetricName === name)?.Value;
    if (found !== undefined) return found;
  }
  return null;
}
