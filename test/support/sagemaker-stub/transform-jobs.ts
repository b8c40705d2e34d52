import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { CreateTransformJobRequest } from '@aws-sdk/client-sagemaker';
import { x as extract } from 'tar';
import type { Bucket } from './bucket.js';
import type { HostedEndpoints } from './endpoints.js';
import type { Respond } from './invocations.js';
import { ServiceError } from './service-error.js';
import { checkTransform } from './transform-checks.js';

/** What goes wrong, as a test wants it. */
export interface TransformFaults {
  /** Instances that the account may use of a type, and those that its other jobs do. */
  quota: { limit: number; used: number } | null;
  /** How many jobs in a row find no capacity. */
  withoutCapacity: number;
  /** How many jobs in a row end so before a model answers. */
  failsWith: string[];
  /** Jobs stay where they are. */
  held: boolean;
  /** Files whose answers are never stored, though the job is completed. */
  loses: string[];
  /** So many looks at a new job don't find it yet. */
  unknownLooks: number;
}

type Job = CreateTransformJobRequest & {
  TransformJobArn: string;
  TransformJobStatus: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';
  FailureReason?: string;
  CreationTime: number;
  TransformStartTime?: number;
  TransformEndTime?: number;
};

const account = '123456789012';
const stepMilliseconds = 20;
const seconds = (): number => Date.now() / 1000;

/** Jobs of batch transform with the life that SageMaker gives them. README.md says where each behaviour is written down. */
export class TransformJobs {
  readonly faults: TransformFaults = {
    ...{ quota: null, withoutCapacity: 0, failsWith: [], held: false, loses: [], unknownLooks: 0 },
  };
  /** What was asked for, in the order of its creation. */
  readonly created: CreateTransformJobRequest[] = [];
  /** Every question that a model was asked. */
  readonly asked: { job: string; model: string; line: string }[] = [];
  /** The files that each model found below /opt/ml/model. */
  readonly unpacked = new Map<string, string[]>();
  /** Lines of the stream `<job>/<instance>/data-log`. */
  readonly logs = new Map<string, string[]>();
  readonly #jobs = new Map<string, Job>();
  readonly #unknownLooks = new Map<string, number>();
  readonly #lives: Promise<void>[] = [];
  readonly #bucket: Bucket;
  readonly #hosted: HostedEndpoints;
  readonly #respond: () => Respond;

  constructor({ bucket, hosted, respond }: { bucket: Bucket; hosted: HostedEndpoints; respond: () => Respond }) {
    this.#bucket = bucket;
    this.#hosted = hosted;
    this.#respond = respond;
  }

  create(request: CreateTransformJobRequest): { TransformJobArn: string } {
    const name = request.TransformJobName ?? '';
    checkTransform({ request, model: this.#hosted.models.get(request.ModelName ?? '') });
    const arn = `arn:aws:sagemaker:us-east-1:${account}:transform-job/${name}`;
    if (this.#jobs.has(name))
      throw new ServiceError('ResourceInUse', `Job name must be unique within an AWS account and region (${arn})`);
    const { quota } = this.faults;
    const { InstanceCount: count = 1, InstanceType: type } = request.TransformResources!;
    if (quota !== null && quota.used + count > quota.limit)
      throw new ServiceError(
        'ResourceLimitExceeded',
        `The account-level service limit '${type} for transform job usage' is ${quota.limit} Instances, with current utilization of ${quota.used} Instances and a request delta of ${count} Instances.`,
      );
    const job: Job = { ...request, TransformJobArn: arn, TransformJobStatus: 'InProgress', CreationTime: seconds() };
    this.#jobs.set(name, job);
    this.#unknownLooks.set(name, this.faults.unknownLooks);
    this.created.push(request);
    this.logs.set(name, []);
    this.#lives.push(this.#live(job));
    return { TransformJobArn: arn };
  }

  describe({ TransformJobName: name }: { TransformJobName: string }): Job {
    const unknown = this.#unknownLooks.get(name) ?? 0;
    this.#unknownLooks.set(name, unknown - 1);
    const job = unknown > 0 ? undefined : this.#jobs.get(name);
    if (!job) throw new ServiceError('ValidationException', `Could not find requested job with name: ${name}`);
    return job;
  }

  list({ NameContains = '' }: { NameContains?: string }): object {
    const names = [...this.#jobs.values()].filter(({ TransformJobName }) => TransformJobName!.includes(NameContains));
    return {
      TransformJobSummaries: names.map(({ TransformJobName, TransformJobArn, TransformJobStatus, CreationTime }) => ({
        ...{ TransformJobName, TransformJobArn, TransformJobStatus, CreationTime },
      })),
    };
  }

  stop({ TransformJobName: name }: { TransformJobName: string }): Record<string, never> {
    const job = this.#jobs.get(name);
    if (!job) throw new ServiceError('ValidationException', `Could not find requested job with name: ${name}`);
    if (job.TransformJobStatus !== 'InProgress')
      throw new ServiceError(
        'ValidationException',
        `The request was rejected because the transform job is in status ${job.TransformJobStatus}.`,
      );
    job.TransformJobStatus = 'Stopping';
    return {};
  }

  tags({ ResourceArn }: { ResourceArn: string }): { Tags: CreateTransformJobRequest['Tags'] } | null {
    const job = [...this.#jobs.values()].find(({ TransformJobArn }) => TransformJobArn === ResourceArn);
    return job ? { Tags: job.Tags ?? [] } : null;
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    for (const job of this.#jobs.values())
      if (job.TransformJobStatus === 'InProgress') job.TransformJobStatus = 'Stopping';
    await Promise.all(this.#lives);
  }

  async #live(job: Job): Promise<void> {
    do await wait(stepMilliseconds);
    while (this.faults.held && !isStopping(job));
    if (this.faults.withoutCapacity > 0) {
      this.faults.withoutCapacity -= 1;
      return end(job, 'Failed', 'CapacityError: Unable to provision requested ML compute capacity. Please retry.');
    }
    const failure = this.faults.failsWith.shift();
    job.TransformStartTime = seconds();
    if (failure !== undefined) return end(job, 'Failed', failure);
    try {
      await this.#transform(job);
    } catch (error) {
      end(job, 'Failed', `InternalServerError: ${String(error)}`);
    }
  }

  async #transform(job: Job): Promise<void> {
    if (!(await this.#unpack(job)))
      return end(job, 'Failed', 'AlgorithmError: See job logs for more information: model server did not answer /ping');
    const outputs: { uri: string; text: string }[] = [];
    const statuses: number[] = [];
    for (const uri of await this.#bucket.below({ uri: job.TransformInput!.DataSource!.S3DataSource!.S3Uri! })) {
      if (isStopping(job)) break;
      const { text, status } = await this.#file({ job, uri });
      if (status === 200) outputs.push({ uri: `${job.TransformOutput!.S3OutputPath}/${basename(uri)}.out`, text });
      else statuses.push(status);
    }
    // A job that is stopped stores nothing; one that fails stores what was done of whole files.
    if (isStopping(job)) return end(job, 'Stopped');
    for (const { uri, text } of outputs)
      if (!this.faults.loses.includes(basename(uri, '.out'))) await this.#bucket.putText({ uri, text });
    if (statuses.length === 0) return end(job, 'Completed');
    const kind = statuses.some((status) => status < 500) ? 'ClientError' : 'AlgorithmError';
    end(job, 'Failed', `${kind}: See job logs for more information`);
  }

  /** Every line is a request, as many at once as were asked for; the first that is refused spoils the file. */
  async #file({ job, uri }: { job: Job; uri: string }): Promise<{ text: string; status: number }> {
    const lines = (await this.#bucket.text({ uri })).split('\n').filter((line) => line !== '');
    const answers: string[] = new Array<string>(lines.length).fill('');
    let [next, spoilt] = [0, 200];
    const lane = async (): Promise<void> => {
      while (next < lines.length && spoilt === 200 && !isStopping(job)) {
        const at = next++;
        const { status, said } = await this.#ask({ job, line: lines[at]! });
        answers[at] = said;
        if (status === 200) continue;
        spoilt = status;
        this.#log({ job, uri, status, said });
      }
    };
    await Promise.all(Array.from({ length: job.MaxConcurrentTransforms ?? 1 }, lane));
    return { text: answers.map((answer) => `${answer}\n`).join(''), status: spoilt };
  }

  async #ask({ job, line }: { job: Job; line: string }): Promise<{ status: number; said: string }> {
    if (Buffer.byteLength(line) > (job.MaxPayloadInMB ?? 6) * 1024 * 1024) return { status: 413, said: 'too large' };
    const retries = job.ModelClientConfig?.InvocationsMaxRetries ?? 3;
    for (let attempt = 0; ; attempt += 1) {
      this.asked.push({ job: job.TransformJobName!, model: job.ModelName!, line });
      const body = JSON.parse(line) as Record<string, unknown>;
      const { status, parts } = await this.#respond()({ variant: job.ModelName!, body });
      if (status < 500 || attempt === retries) return { status, said: parts.join('') };
    }
  }

  #log({ job, uri, status, said }: { job: Job; uri: string; status: number; said: string }): void {
    const head = status < 500 ? `ClientError: ${status}` : `Bad HTTP status received from algorithm: ${status}`;
    const at = `${new Date().toISOString().slice(0, -1)}:[sagemaker logs]: ${uri.slice('s3://'.length)}:`;
    this.logs.get(job.TransformJobName!)!.push(...[head, '', 'Message:', said].map((text) => `${at} ${text}`));
  }

  /** Fills /opt/ml/model from the archive; false where vLLM would not find what its options name. */
  async #unpack(job: Job): Promise<boolean> {
    const { ModelDataUrl, Environment } = this.#hosted.models.get(job.ModelName!)!.PrimaryContainer!;
    const folder = await mkdtemp(join(tmpdir(), 'sagemaker-stub-'));
    try {
      await this.#bucket.fetch({ uri: ModelDataUrl!, file: join(folder, 'model.tar.gz') });
      await extract({ file: join(folder, 'model.tar.gz'), cwd: folder, strict: true });
      const files = (await readdir(folder, { recursive: true })).filter((name) => name !== 'model.tar.gz').sort();
      this.unpacked.set(job.ModelName!, files);
      const named = [Environment!.SM_VLLM_MODEL!, Environment!.SM_VLLM_LORA_MODULES?.split('=')[1]];
      return named.every((path) => path === undefined || files.includes(path.replace('/opt/ml/model/', '')));
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}

const isStopping = (job: Job): boolean => job.TransformJobStatus === 'Stopping';

function end(job: Job, status: 'Completed' | 'Failed' | 'Stopped', reason?: string): void {
  if (reason !== undefined) job.FailureReason = reason;
  job.TransformEndTime = seconds();
  job.TransformJobStatus = isStopping(job) ? 'Stopped' : status;
}
