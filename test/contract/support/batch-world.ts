import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { ChatReply, OfflineUse } from '../../../src/activities/ports.js';
import { adapterManifest, manifestKey } from '../../../src/adapters/adapter-manifest.js';
import { S3Store } from '../../../src/adapters/s3-store/s3-store.js';
import { batchName } from '../../../src/adapters/sagemaker-batch/batch-address.js';
import { BatchChat } from '../../../src/adapters/sagemaker-batch/batch-chat.js';
import { BatchServing } from '../../../src/adapters/sagemaker-batch/batch-serving.js';
import { JobRecords } from '../../../src/adapters/sagemaker-batch/job-records.js';
import { TransformJobs } from '../../../src/adapters/sagemaker-batch/transform-jobs.js';
import { Endpoints } from '../../../src/adapters/sagemaker-endpoint/endpoints.js';
import { SageMakerServing } from '../../../src/adapters/sagemaker-endpoint/sagemaker-serving.js';
import { VariantScaling } from '../../../src/adapters/sagemaker-endpoint/variant-scaling.js';
import type { ArtifactRef } from '../../../src/domain/artifact-ref.js';
import type { ReplyFormat } from '../../../src/domain/summaries/reply-format.js';
import type { StartedServer } from '../../support/await-server.js';
import { startMoto } from '../../support/moto-server.js';
import { SageMakerStub } from '../../support/sagemaker-stub/server.js';
import { s3Credentials } from '../../support/versitygw-server.js';

export const base = 'tiny';
const [bucket, models] = ['understudy-batch', 'models'];
const instances = { least: 1, most: 1, invocationsTarget: 60 };
export const hosting = {
  image: 'vllm@sha256:0',
  roleArn: 'arn:aws:iam::123456789012:role/understudy-serving',
  baseModels: { [base]: `s3://${models}/bases/tiny/` },
  instanceType: 'ml.g5.2xlarge',
  ...{ instances, maxLoraRank: 16, kmsKey: 'alias/understudy', subnets: ['subnet-a'], securityGroups: ['sg-a'] },
  tags: { team: 'search' },
};
export const queue = { instanceType: null, most: 2, requestsAtOnce: 8, ami: 'al2-ami-sagemaker-batch-gpu-535' };
export const alone: OfflineUse = { beside: [] };
const uriOf = (key: string): string => `s3://${bucket}/team/${key}`;

/** SageMaker's stub over moto's S3, a base in a bucket of its own, and an adapter in the store. */
export class BatchWorld {
  stub!: SageMakerStub;
  store!: S3Store;
  adapter!: ArtifactRef;
  s3!: S3Client;
  #moto!: StartedServer;
  #copies!: string;
  #client!: { region: string; credentials: typeof s3Credentials; maxAttempts: number; endpoint: string };

  async start(): Promise<void> {
    this.#moto = await startMoto();
    const aws = { region: 'us-east-1', credentials: s3Credentials, maxAttempts: 1 };
    this.s3 = new S3Client({ ...aws, endpoint: this.#moto.endpoint, forcePathStyle: true });
    for (const Bucket of [bucket, models]) await this.s3.send(new CreateBucketCommand({ Bucket }));
    await this.putBase('{"hidden_size":64}');
    this.#copies = await mkdtemp(join(tmpdir(), 'understudy-batch-'));
    this.store = new S3Store({ place: this.#place(), copies: this.#copies });
    this.stub = new SageMakerStub({ s3: this.s3, command: [] });
    this.#client = { ...aws, endpoint: await this.stub.listen() };
    const name = 'adapter_model.safetensors';
    const { sha256, bytes } = await this.store.put({ key: `releases/r/adapter/${name}`, body: Buffer.from('weights') });
    const manifest = adapterManifest([{ name, sha256, bytes }]);
    this.adapter = await this.store.put({ key: manifestKey('releases/r/adapter'), body: manifest });
    this.stub.respond = ({ body }) => {
      const { content } = (body.messages as { content: string }[]).at(-1)!;
      if (content.startsWith('too long')) return { status: 400, parts: ['{"error":"maximum context length"}'] };
      if (content.startsWith('broken')) return { status: 500, parts: ['out of memory'] };
      const format = body.response_format as { json_schema: { name: string } } | undefined;
      const text = format ? `a ${format.json_schema.name}` : content;
      const said = { choices: [{ message: { content: `${String(body.model)}: ${text}` } }] };
      return { status: 200, parts: [JSON.stringify({ ...said, usage: { prompt_tokens: 3, completion_tokens: 2 } })] };
    };
  }

  async stop(): Promise<void> {
    await this.stub.close();
    this.s3.destroy();
    await this.#moto.stop();
    await rm(this.#copies, { recursive: true });
  }

  /** Another worker's, each time. */
  chat(): BatchChat {
    const times = { quietMilliseconds: 60, longestMilliseconds: 2_000, lookMilliseconds: 20 };
    const { store } = this;
    return new BatchChat({ ...this.#calls(), store, hosting, queue, uriOf, ...times });
  }

  serving(): SageMakerServing {
    const { store } = this;
    const endpoints = new Endpoints({ client: new SageMakerClient(this.#client) });
    const offline = new BatchServing({ ...this.#calls(), endpoints, store, place: this.#place(), hosting, uriOf });
    return new SageMakerServing({
      ...{ endpoints, store, hosting, uriOf, bridge: 'http://127.0.0.1:1', offline },
      runtime: new SageMakerRuntimeClient(this.#client),
      scaling: new VariantScaling({ client: new ApplicationAutoScalingClient(this.#client), instances }),
    });
  }

  async deploy(releaseId: string, offline: OfflineUse = alone, adapter: ArtifactRef | null = this.adapter) {
    return await this.serving().deploy({ model: 'shop', releaseId, base, adapter, offline });
  }

  async ask(
    content: string,
    { model = 'shop-r1', by = this.chat(), signal, replyFormat }: Asking = {},
  ): Promise<ChatReply> {
    return await by.complete({
      ...{ endpoint: 'sagemaker-batch://shop/v1', model, messages: [{ role: 'user' as const, content }] },
      ...{ maxTokens: 8, temperature: 0, signal: signal ?? new AbortController().signal },
      ...(replyFormat && { replyFormat }),
    });
  }

  /** Asked by one worker at the same time; what was answered, or the error. */
  async askAll(contents: readonly string[], by = this.chat()): Promise<(string | Error)[]> {
    const asked = contents.map((content) => this.ask(content, { by }));
    return await Promise.all(
      asked.map((one) =>
        one.then(
          ({ text }) => text,
          (error: unknown) => error as Error,
        ),
      ),
    );
  }

  async putBase(config: string): Promise<void> {
    const weights = Buffer.from('the weights of the base');
    for (const [Key, Body] of [
      ['config.json', Buffer.from(config)],
      ['model.safetensors', weights],
    ] as const)
      await this.s3.send(new PutObjectCommand({ Bucket: models, Key: `bases/tiny/${Key}`, Body }));
  }

  /** Keys of the store that belong to a release's batch. */
  async keysOf(name: string): Promise<string[]> {
    const batch = batchName({ model: 'shop', name });
    const keys: string[] = [];
    for (const prefix of [`offline/${batch}/`, `archives/${batch}/`])
      for await (const { key } of this.store.list({ prefix })) keys.push(key);
    return keys;
  }

  statusOf(at: number): string {
    const { TransformJobName } = this.stub.transforms.created.at(at)!;
    return this.stub.transforms.describe({ TransformJobName: TransformJobName! }).TransformJobStatus;
  }

  async until(what: () => boolean): Promise<void> {
    while (!what()) await wait(5);
  }

  #calls() {
    const jobs = new TransformJobs({
      client: new SageMakerClient(this.#client),
      logs: new CloudWatchLogsClient(this.#client),
    });
    return { jobs, records: new JobRecords({ store: this.store }) };
  }

  #place() {
    return { client: this.s3, bucket, prefix: 'team', kmsKey: null };
  }
}

interface Asking {
  model?: string;
  by?: BatchChat;
  signal?: AbortSignal;
  replyFormat?: ReplyFormat;
}
