import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { TrainingRequest } from '../../../src/activities/ports.js';
import { S3Store } from '../../../src/adapters/s3-store/s3-store.js';
import { SageMakerTrainer } from '../../../src/adapters/sagemaker/sagemaker-trainer.js';
import type { SageMakerTrainerSettings } from '../../../src/adapters/sagemaker/settings.js';
import { startMoto } from '../../support/moto-server.js';
import { Bucket } from '../../support/sagemaker-stub/bucket.js';
import { SageMakerStub } from '../../support/sagemaker-stub/server.js';
import { s3Credentials } from '../../support/versitygw-server.js';
import { trainingRequest } from './training-request.js';

const bucket = 'understudy-sagemaker';
const address = `s3://${bucket}/`;

/** A stub with S3 beside it, a bucket with the tiny base, and a trainer's settings; new for each suite. */
export class SageMakerWorld {
  request!: TrainingRequest;
  stub!: SageMakerStub;
  settings!: SageMakerTrainerSettings;
  #moto!: Awaited<ReturnType<typeof startMoto>>;
  #s3!: S3Client;
  #copies!: string;

  /** `command` is what runs in the place of the training image's entry point. */
  async open({ command, base }: { command: readonly string[]; base: string | null }): Promise<void> {
    this.#moto = await startMoto();
    this.#s3 = new S3Client({
      endpoint: this.#moto.endpoint,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: s3Credentials,
      maxAttempts: 1,
    });
    this.#copies = await mkdtemp(join(tmpdir(), 'sagemaker-copies-'));
    await this.#s3.send(new CreateBucketCommand({ Bucket: bucket }));
    if (base !== null) await new Bucket({ client: this.#s3 }).upload({ uri: `${address}bases/tiny`, folder: base });
    this.request = await trainingRequest({ store: this.store(), jobName: 'train-m-r1', maxSteps: 30 });
    this.stub = new SageMakerStub({ s3: this.#s3, command });
    const endpoint = await this.stub.listen();
    const client = { endpoint, region: 'us-east-1', credentials: s3Credentials, maxAttempts: 1 };
    this.settings = {
      client: new SageMakerClient(client),
      logs: new CloudWatchLogsClient(client),
      store: this.store(),
      uriOf: (key) => `${address}${key}`,
      keyOf: (uri) => (uri.startsWith(address) ? uri.slice(address.length) : null),
      image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/understudy-training@sha256:0',
      roleArn: 'arn:aws:iam::123456789012:role/understudy-training',
      baseModels: { tiny: `${address}bases/tiny/` },
      hourlyPrices: { 'ml.g5.2xlarge': 2, 'ml.g5.4xlarge': 3 },
      kmsKey: 'alias/understudy',
      subnets: [],
      securityGroups: [],
      keepWarmSeconds: 0,
      tags: { team: 'search' },
      freshMilliseconds: 0,
      now: () => new Date(),
    };
  }

  store(): S3Store {
    return new S3Store({ place: { client: this.#s3, bucket, prefix: '', kmsKey: null }, copies: this.#copies });
  }

  trainer(changes: Partial<SageMakerTrainerSettings> = {}): SageMakerTrainer {
    return new SageMakerTrainer({ ...this.settings, ...changes });
  }

  async close(): Promise<void> {
    await this.stub.close();
    this.#s3.destroy();
    await this.#moto.stop();
    await rm(this.#copies, { recursive: true });
  }
}
