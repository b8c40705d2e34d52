import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import getPort from 'get-port';
import { stringify } from 'yaml';
import { type MlflowServer, startMlflow } from '../../../packages/mlflow-ts-client/test/support/mlflow-server.js';
import { S3Store } from '../../../src/adapters/s3-store/s3-store.js';
import type { StartedServer } from '../await-server.js';
import { startMoto } from '../moto-server.js';
import { Bucket } from '../sagemaker-stub/bucket.js';
import { SageMakerStub } from '../sagemaker-stub/server.js';
import { localEnvironment } from '../temporal.js';
import { s3Credentials, startVersitygw } from '../versitygw-server.js';

export const base = 'tiny';
const bucket = 'understudy';
const digest = `sha256:${'0'.repeat(64)}`;

/**
 * Everything that the profile `aws` meets outside where SageMaker's endpoints serve: versitygw (S3), SageMaker's stub,
 * moto (CloudWatch's alarms), MLflow and Temporal.
 */
export class HostedWorld {
  temporal!: TestWorkflowEnvironment;
  stub!: SageMakerStub;
  store!: S3Store;
  home!: string;
  /** What a process of the profile is told. */
  environment!: Record<string, string>;
  #s3!: StartedServer;
  #moto!: StartedServer;
  #client!: S3Client;
  #mlflow!: MlflowServer;

  async start({
    versitygw,
    container,
    baseFolder,
  }: {
    versitygw: string;
    /** What runs in the place of the training image's entry point. */
    container: readonly string[];
    baseFolder: string;
  }): Promise<void> {
    this.home = await mkdtemp(join(tmpdir(), 'understudy-hosted-'));
    await mkdir(join(this.home, 'mlflow'));
    [this.temporal, this.#mlflow, this.#s3, this.#moto] = await Promise.all([
      localEnvironment(),
      startMlflow({ directory: join(this.home, 'mlflow') }),
      startVersitygw({ command: versitygw }),
      startMoto(),
    ]);
    const { endpoint } = this.#s3;
    const own = { region: 'us-east-1', credentials: s3Credentials, maxAttempts: 1 };
    this.#client = new S3Client({ ...own, endpoint, forcePathStyle: true });
    await this.#client.send(new CreateBucketCommand({ Bucket: bucket }));
    await new Bucket({ client: this.#client }).upload({ uri: `s3://${bucket}/bases/tiny`, folder: baseFolder });
    const place = { client: this.#client, bucket, prefix: 'team', kmsKey: null };
    this.store = new S3Store({ place, copies: join(this.home, 'test-copies') });
    this.stub = new SageMakerStub({ s3: this.#client, command: container });
    const sagemaker = await this.stub.listen();
    const bridgePort = await getPort({ host: '127.0.0.1' });
    await writeFile(join(this.home, 'platform.yaml'), stringify(platform(bridgePort)));
    this.environment = {
      ...Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : []))),
      UNDERSTUDY_PROFILE: 'aws',
      UNDERSTUDY_HOME: this.home,
      UNDERSTUDY_PLATFORM: join(this.home, 'platform.yaml'),
      UNDERSTUDY_STORE: `s3://${bucket}/team?region=us-east-1&endpoint=${encodeURIComponent(endpoint)}`,
      UNDERSTUDY_BASE_MODELS: JSON.stringify({ [base]: baseFolder }),
      ...{ SAGEMAKER_BRIDGE_PORT: String(bridgePort), OPENAI_API_KEY: 'between-ourselves' },
      MLFLOW_TRACKING_URI: this.#mlflow.uri,
      TEMPORAL_ADDRESS: this.temporal.address,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: s3Credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3Credentials.secretAccessKey,
      ...Object.fromEntries(
        ['SAGEMAKER', 'SAGEMAKER_RUNTIME', 'CLOUDWATCH_LOGS', 'APPLICATION_AUTO_SCALING'].map((service) => [
          `AWS_ENDPOINT_URL_${service}`,
          sagemaker,
        ]),
      ),
      AWS_ENDPOINT_URL_CLOUDWATCH: this.#moto.endpoint,
    };
  }

  async stop(): Promise<void> {
    await this.stub?.close();
    this.#client?.destroy();
    const ends = [this.#s3?.stop(), this.#moto?.stop(), this.#mlflow?.stop(), this.temporal?.teardown()];
    await Promise.all(ends);
    await rm(this.home, { recursive: true, force: true });
  }
}

const roleArn = 'arn:aws:iam::123456789012:role/understudy';
const platform = (bridgePort: number) => ({
  apiVersion: 'understudy/v1',
  training: {
    ...{ image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/understudy-training@${digest}`, roleArn },
    baseModels: { [base]: `s3://${bucket}/bases/tiny/` },
    hourlyPrices: { 'ml.g5.2xlarge': 2 },
    kmsKey: 'alias/understudy',
  },
  endpoints: {
    ...{ image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/vllm@${digest}`, roleArn },
    instanceType: 'ml.g5.2xlarge',
    bridge: `http://127.0.0.1:${bridgePort}`,
    offline: { most: 2 },
    kmsKey: 'alias/understudy',
  },
});
