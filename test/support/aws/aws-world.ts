import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { CoreV1Api } from '@kubernetes/client-node';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { stringify } from 'yaml';
import { type MlflowServer, startMlflow } from '../../../packages/mlflow-ts-client/test/support/mlflow-server.js';
import { poolName, poolPort } from '../../../src/adapters/kubernetes/pool.js';
import { S3Store } from '../../../src/adapters/s3-store/s3-store.js';
import type { Answer } from '../../contract/support/scripted-vllm.js';
import type { StartedServer } from '../await-server.js';
import { TestCluster } from '../kubernetes/cluster.js';
import type { KubernetesTools } from '../kubernetes/find-kubernetes.js';
import { Bucket } from '../sagemaker-stub/bucket.js';
import { SageMakerStub } from '../sagemaker-stub/server.js';
import { localEnvironment } from '../temporal.js';
import { s3Credentials, startVersitygw } from '../versitygw-server.js';
import { BusyProxy } from './busy-proxy.js';
import { Pods } from './pods.js';

export const base = 'tiny';
const bucket = 'understudy';
const namespace = 'models';
const claims = { models: 'models', store: 'store' };
const digest = `sha256:${'0'.repeat(64)}`;

/**
 * Everything that the profile `aws` meets outside: an S3 server that now and then is too busy, SageMaker's stub, a
 * control plane of Kubernetes with scripted pods, MLflow and Temporal.
 */
export class AwsWorld {
  temporal!: TestWorkflowEnvironment;
  stub!: SageMakerStub;
  cluster!: TestCluster;
  pods!: Pods;
  proxy!: BusyProxy;
  store!: S3Store;
  home!: string;
  /** What a process of the profile is told. */
  environment!: Record<string, string>;
  #s3!: StartedServer;
  #client!: S3Client;
  #mlflow!: MlflowServer;

  async start({
    tools,
    versitygw,
    container,
    baseFolder,
    answer,
  }: {
    tools: KubernetesTools;
    versitygw: string;
    /** What runs in the place of the training image's entry point. */
    container: readonly string[];
    baseFolder: string;
    answer: Answer;
  }): Promise<void> {
    this.home = await mkdtemp(join(tmpdir(), 'understudy-aws-'));
    const [second, third] = [process.pid & 63, (process.pid >> 6) & 255].map((part) => part + 1);
    this.cluster = new TestCluster({ tools, podNetwork: `127.${second}.${third}.1/24` });
    await mkdir(join(this.home, 'mlflow'));
    [this.temporal, this.#mlflow, this.#s3] = await Promise.all([
      localEnvironment(),
      startMlflow({ directory: join(this.home, 'mlflow') }),
      startVersitygw({ command: versitygw }),
      this.cluster.start(),
    ]);
    await this.#openBucket(baseFolder);
    await this.#openCluster(answer);
    this.stub = new SageMakerStub({ s3: this.#client, command: container });
    this.proxy = new BusyProxy({ endpoint: this.#s3.endpoint, every: 40 });
    const [sagemaker, s3] = await Promise.all([this.stub.listen(), this.proxy.listen()]);
    await writeFile(join(this.home, 'platform.yaml'), stringify(platform));
    const service = `http://${poolName({ base, releaseId: null })}.${namespace}.svc:${poolPort}`;
    this.environment = {
      ...Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : []))),
      UNDERSTUDY_PROFILE: 'aws',
      UNDERSTUDY_HOME: this.home,
      UNDERSTUDY_PLATFORM: join(this.home, 'platform.yaml'),
      UNDERSTUDY_STORE: `s3://${bucket}/team?region=us-east-1&endpoint=${encodeURIComponent(s3)}`,
      UNDERSTUDY_BASE_MODELS: JSON.stringify({ [base]: baseFolder }),
      UNDERSTUDY_MOVED_ENDPOINTS: JSON.stringify({ [`${service}/v1`]: `${this.pods.service}/v1` }),
      MLFLOW_TRACKING_URI: this.#mlflow.uri,
      TEMPORAL_ADDRESS: this.temporal.address,
      KUBECONFIG: this.cluster.kubeconfig,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: s3Credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3Credentials.secretAccessKey,
      AWS_ENDPOINT_URL_SAGEMAKER: sagemaker,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: sagemaker,
    };
  }

  /** The pods that there are, and how they are. */
  async podsNow(): Promise<string[]> {
    const core = this.cluster.config.makeApiClient(CoreV1Api);
    const { items } = await core.listNamespacedPod({ namespace });
    return items.map(({ metadata, status }) => {
      const conditions = (status?.conditions ?? []).map(
        ({ type, status: now, reason }) => `${type} ${now} ${reason ?? ''}`,
      );
      return `${metadata!.name} ${status?.phase} ${status?.podIP ?? 'without an address'}: ${conditions.join(', ')}`;
    });
  }

  async stop(): Promise<void> {
    await this.pods?.close();
    this.proxy?.close();
    await this.stub?.close();
    this.#client?.destroy();
    await Promise.all([this.cluster?.stop(), this.#s3?.stop(), this.#mlflow?.stop(), this.temporal?.teardown()]);
    await rm(this.home, { recursive: true, force: true });
  }

  async #openBucket(baseFolder: string): Promise<void> {
    this.#client = new S3Client({
      endpoint: this.#s3.endpoint,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: s3Credentials,
      maxAttempts: 1,
    });
    await this.#client.send(new CreateBucketCommand({ Bucket: bucket }));
    const versioning = { Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' as const } };
    await this.#client.send(new PutBucketVersioningCommand(versioning));
    await new Bucket({ client: this.#client }).upload({ uri: `s3://${bucket}/bases/tiny`, folder: baseFolder });
    const place = { client: this.#client, bucket, prefix: 'team', kmsKey: null };
    this.store = new S3Store({ place, copies: join(this.home, 'test-copies') });
  }

  async #openCluster(answer: Answer): Promise<void> {
    await this.cluster.addNode({ name: 'gpu-1', gpus: 4 });
    const core = this.cluster.config.makeApiClient(CoreV1Api);
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    for (const claim of Object.values(claims)) await this.cluster.addVolume({ namespace, claim });
    this.pods = new Pods({ cluster: this.cluster, namespace, base, answer });
    await this.pods.start();
  }
}

const platform = {
  apiVersion: 'understudy/v1',
  training: {
    image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/understudy-training@${digest}`,
    roleArn: 'arn:aws:iam::123456789012:role/understudy-training',
    baseModels: { [base]: `s3://${bucket}/bases/tiny/` },
    hourlyPrices: { 'ml.g5.2xlarge': 2, 'ml.g5.4xlarge': 3 },
  },
  serving: {
    namespace,
    pools: {
      [base]: {
        image: `vllm/vllm-openai@${digest}`,
        modelPath: 'tiny',
        claims,
        requests: { cpu: '1', memory: '1Gi' },
        replicas: { least: 2, most: 2 },
        apiKeySecret: 'vllm',
      },
    },
  },
};
