import { setTimeout as wait } from 'node:timers/promises';
import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import type { Bucket } from './bucket.js';
import { Container } from './container.js';
import { checkRequest } from './check-request.js';
import { ServiceError } from './service-error.js';

/** What goes wrong, as a test wants it. */
export interface Faults {
  /** Types that the account may not use. */
  quotaZero: string[];
  /** Types of which other jobs use up all that the account may use. */
  quotaUsedUp: string[];
  /** How many jobs in a row find no capacity, by type. */
  withoutCapacity: Record<string, number>;
  /** Spot instances that are taken away after so many lines of the log, one number a time. */
  interruptAfterLines: number[];
  /** An interrupted job gets no instance again before its longest wait is over. */
  neverAgain: boolean;
  /** The model can't be uploaded. */
  failsUploading: boolean;
  /** A job ends as completed and has left nothing. */
  leavesNothing: boolean;
  /** So many looks at a new job don't find it yet. */
  unknownLooks: number;
  /** What each job is billed; null for the seconds it took. */
  billedSeconds: number | null;
}

type Job = CreateTrainingJobRequest & {
  TrainingJobArn: string;
  TrainingJobStatus: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';
  SecondaryStatus: string;
  SecondaryStatusTransitions: { Status: string; StartTime: number; StatusMessage: string }[];
  FailureReason?: string;
  ModelArtifacts: { S3ModelArtifacts?: string };
  FinalMetricDataList: { MetricName: string; Value: number; Timestamp: number }[];
  CreationTime: number;
  TrainingStartTime?: number;
  TrainingEndTime?: number;
  TrainingTimeInSeconds?: number;
  BillableTimeInSeconds?: number;
};

const account = '123456789012';
const stepMilliseconds = 20;

/** Training jobs with the life that SageMaker gives them. README.md says where each behaviour is written down. */
export class TrainingJobs {
  readonly faults: Faults = {
    quotaZero: [],
    quotaUsedUp: [],
    withoutCapacity: {},
    interruptAfterLines: [],
    neverAgain: false,
    failsUploading: false,
    leavesNothing: false,
    unknownLooks: 0,
    billedSeconds: null,
  };
  /** Names in the order of their creation. */
  readonly created: string[] = [];
  readonly logs = new Map<string, string[]>();
  readonly #jobs = new Map<string, Job>();
  readonly #containers = new Map<string, Container>();
  readonly #unknownLooks = new Map<string, number>();
  readonly #lives: Promise<void>[] = [];
  readonly #bucket: Bucket;
  readonly #command: readonly string[];

  constructor({
    bucket,
    command,
  }: {
    bucket: Bucket;
    /** The training image's entry point. */ command: readonly string[];
  }) {
    this.#bucket = bucket;
    this.#command = command;
  }

  create(request: CreateTrainingJobRequest): { TrainingJobArn: string } {
    const name = request.TrainingJobName ?? '';
    checkRequest(request);
    const type = request.ResourceConfig!.InstanceType!;
    const arn = `arn:aws:sagemaker:us-east-1:${account}:training-job/${name}`;
    if (this.#jobs.has(name))
      throw new ServiceError(
        'ResourceInUse',
        `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${arn})`,
      );
    const { quotaZero, quotaUsedUp } = this.faults;
    if (quotaZero.includes(type)) throw limitExceeded({ type, limit: 0 });
    if (quotaUsedUp.includes(type)) throw limitExceeded({ type, limit: 1 });
    const job: Job = {
      ...request,
      TrainingJobArn: arn,
      TrainingJobStatus: 'InProgress',
      SecondaryStatus: 'Starting',
      SecondaryStatusTransitions: [],
      ModelArtifacts: {},
      FinalMetricDataList: [],
      CreationTime: seconds(),
    };
    this.#jobs.set(name, job);
    this.#unknownLooks.set(name, this.faults.unknownLooks);
    this.created.push(name);
    this.logs.set(name, []);
    this.#lives.push(this.#live(job));
    return { TrainingJobArn: arn };
  }

  describe({ TrainingJobName: name }: { TrainingJobName: string }): Job {
    const unknown = this.#unknownLooks.get(name) ?? 0;
    this.#unknownLooks.set(name, unknown - 1);
    const job = unknown > 0 ? undefined : this.#jobs.get(name);
    if (!job) throw new ServiceError('ValidationException', 'Requested resource not found.');
    return job;
  }

  tags({ ResourceArn }: { ResourceArn: string }): { Tags: CreateTrainingJobRequest['Tags'] } {
    const job = [...this.#jobs.values()].find(({ TrainingJobArn }) => TrainingJobArn === ResourceArn);
    return { Tags: job?.Tags ?? [] };
  }

  stop({ TrainingJobName: name }: { TrainingJobName: string }): Record<string, never> {
    const job = this.describe({ TrainingJobName: name });
    if (job.TrainingJobStatus !== 'InProgress')
      throw new ServiceError(
        'ValidationException',
        `The request was rejected because the training job is in status ${job.TrainingJobStatus}.`,
      );
    job.TrainingJobStatus = 'Stopping';
    enter({ job, status: 'Stopping' });
    this.#containers.get(name)?.terminate();
    return {};
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    for (const job of this.#jobs.values())
      if (job.TrainingJobStatus === 'InProgress') job.TrainingJobStatus = 'Stopping';
    for (const container of this.#containers.values()) container.kill();
    await Promise.all(this.#lives);
  }

  async #live(job: Job): Promise<void> {
    const name = job.TrainingJobName!;
    const type = job.ResourceConfig!.InstanceType!;
    enter({ job, status: 'Starting' });
    await wait(stepMilliseconds);
    const missing = this.faults.withoutCapacity[type] ?? 0;
    if (missing > 0) {
      this.faults.withoutCapacity[type] = missing - 1;
      return fail({
        job,
        reason:
          'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.',
      });
    }
    const container = new Container({ request: job, bucket: this.#bucket, command: this.#command });
    this.#containers.set(name, container);
    try {
      await this.#attempt({ job, container });
    } catch (error) {
      fail({ job, reason: `InternalServerError: ${String(error)}` });
    } finally {
      this.#containers.delete(name);
      await container.remove();
    }
  }

  async #attempt({ job, container }: { job: Job; container: Container }): Promise<void> {
    enter({ job, status: 'Downloading' });
    await container.download();
    if (isStopping(job)) return this.#end({ job, status: 'Stopped' });
    job.TrainingStartTime ??= seconds();
    enter({ job, status: 'Training' });
    let interrupted = false;
    const interruptAt = job.EnableManagedSpotTraining ? this.faults.interruptAfterLines.shift() : undefined;
    let lines = 0;
    const end = await container.run({
      onLine: (line) => {
        this.logs.get(job.TrainingJobName!)!.push(line);
        readMetrics({ job, line });
        lines += 1;
        if (lines !== interruptAt) return;
        interrupted = true;
        container.terminate();
      },
    });
    await container.keepCheckpoints();
    if (interrupted) return this.#interrupted({ job, container });
    if (isStopping(job)) return this.#end({ job, status: 'Stopped' });
    if (end.code !== 0)
      return this.#end({
        job,
        status: 'Failed',
        reason: `AlgorithmError: ${end.failure ?? ''}, exit code: ${end.code}`,
      });
    enter({ job, status: 'Uploading' });
    if (this.faults.failsUploading)
      return this.#end({
        job,
        status: 'Failed',
        reason: 'InternalServerError: We encountered an internal error. Please try again.',
      });
    if (this.faults.leavesNothing)
      job.ModelArtifacts = { S3ModelArtifacts: `${job.OutputDataConfig!.S3OutputPath}/nothing.tar.gz` };
    else job.ModelArtifacts = { S3ModelArtifacts: await container.upload() };
    this.#end({ job, status: 'Completed' });
  }

  async #interrupted({ job, container }: { job: Job; container: Container }): Promise<void> {
    enter({ job, status: 'Interrupted' });
    await container.remove();
    await wait(stepMilliseconds);
    if (this.faults.neverAgain) return this.#end({ job, status: 'Stopped', secondary: 'MaxWaitTimeExceeded' });
    enter({ job, status: 'Starting' });
    return this.#attempt({ job, container });
  }

  #end({
    job,
    status,
    secondary = status,
    reason,
  }: {
    job: Job;
    status: 'Completed' | 'Failed' | 'Stopped';
    secondary?: string;
    reason?: string;
  }): void {
    const taken = job.TrainingStartTime === undefined ? 0 : seconds() - job.TrainingStartTime;
    job.TrainingTimeInSeconds = Math.ceil(taken);
    job.BillableTimeInSeconds = this.faults.billedSeconds ?? Math.ceil(taken);
    job.TrainingEndTime = seconds();
    if (reason !== undefined) job.FailureReason = reason;
    enter({ job, status: secondary });
    job.TrainingJobStatus = status;
  }
}

const seconds = (): number => Date.now() / 1000;

const limitExceeded = ({ type, limit }: { type: string; limit: number }): ServiceError =>
  new ServiceError(
    'ResourceLimitExceeded',
    `The account-level service limit '${type} for spot training job usage' is ${limit} Instances, with current utilization of ${limit} Instances and a request delta of 1 Instances.`,
  );

const isStopping = (job: Job): boolean => job.TrainingJobStatus === 'Stopping';

function enter({ job, status }: { job: Job; status: string }): void {
  job.SecondaryStatus = status;
  job.SecondaryStatusTransitions.push({ Status: status, StartTime: seconds(), StatusMessage: '' });
}

function fail({ job, reason }: { job: Job; reason: string }): void {
  job.FailureReason = reason;
  job.TrainingEndTime = seconds();
  enter({ job, status: 'Failed' });
  job.TrainingJobStatus = 'Failed';
}

function readMetrics({ job, line }: { job: Job; line: string }): void {
  for (const { Name, Regex } of job.AlgorithmSpecification?.MetricDefinitions ?? []) {
    const value = new RegExp(Regex!).exec(line)?.[1];
    if (value === undefined) continue;
    job.FinalMetricDataList = job.FinalMetricDataList.filter(({ MetricName }) => MetricName !== Name);
    job.FinalMetricDataList.push({ MetricName: Name!, Value: Number(value), Timestamp: seconds() });
  }
}
