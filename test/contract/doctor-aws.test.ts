import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { openStore } from '../../src/adapters/open-store.js';
import { addDesired } from '../../src/adapters/vllm-serving/desired-adapters.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { startMoto } from '../support/moto-server.js';
import { SageMakerStub } from '../support/sagemaker-stub/server.js';
import { s3Credentials } from '../support/versitygw-server.js';
import { runLine } from '../unit/cli/run-line.js';
import { record } from '../unit/report/sample-release.js';
import { reply, startScriptedServer, type ScriptedServer, type SeenRequest } from './support/scripted-server.js';

const base = 'org/model';
const digest = `@sha256:${'0'.repeat(64)}`;
const today = new Date().toISOString().slice(0, 10);
const training = {
  image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/understudy-training${digest}`,
  roleArn: 'arn:aws:iam::123456789012:role/understudy-training',
  baseModels: { [base]: 's3://models/bases/model/' },
  hourlyPrices: { 'ml.g5.2xlarge': 1.5 },
};
const pools = {
  [base]: {
    ...{ image: `vllm/vllm-openai${digest}`, modelPath: 'bases/model', apiKeySecret: 'vllm' },
    claims: { models: 'models', store: 'store' },
    requests: { cpu: '4', memory: '16Gi' },
  },
};
/** What an API server names of the kinds that a pool has. */
const kinds: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/api/v1': { services: 'Service' },
  '/apis/apps/v1': { deployments: 'Deployment' },
  '/apis/policy/v1': { poddisruptionbudgets: 'PodDisruptionBudget' },
  '/apis/networking.k8s.io/v1': { networkpolicies: 'NetworkPolicy' },
};

/** An API server that knows its kinds and holds nothing. */
function emptyCluster({ path }: SeenRequest, response: ServerResponse): void {
  const known = kinds[path];
  if (known === undefined)
    return reply(response, { status: 404, body: { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 } });
  const resources = Object.entries(known).map(([name, kind]) => ({ name, kind, namespaced: true, verbs: ['get'] }));
  reply(response, { body: { kind: 'APIResourceList', groupVersion: path, resources } });
}

interface Check {
  name: string;
  state: string;
  found: string;
  mend: string;
}

describe('doctor and report of an installation on AWS', function () {
  this.timeout(60_000);
  let folder: string;
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let s3: S3Client;
  let stub: SageMakerStub;
  let kubernetes: ScriptedServer;
  const own = { ...process.env };
  let environment: Record<string, string>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-doctor-'));
    moto = await startMoto();
    s3 = new S3Client({
      endpoint: moto.endpoint,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: s3Credentials,
    });
    await s3.send(new CreateBucketCommand({ Bucket: 'releases' }));
    stub = new SageMakerStub({ s3, command: [] });
    kubernetes = await startScriptedServer(emptyCluster);
    const kubeconfig = join(folder, 'kubeconfig.yaml');
    await writeFile(
      kubeconfig,
      stringify({
        ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'here' },
        clusters: [{ name: 'here', cluster: { server: kubernetes.url, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'me', user: { token: 'token' } }],
        contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
      }),
    );
    Object.assign(process.env, {
      ...{ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_SAGEMAKER: await stub.listen(), KUBECONFIG: kubeconfig },
      AWS_ACCESS_KEY_ID: s3Credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3Credentials.secretAccessKey,
    });
    environment = {
      ...{ UNDERSTUDY_HOME: folder, UNDERSTUDY_PROFILE: 'aws', UNDERSTUDY_PLATFORM: join(folder, 'platform.yaml') },
      UNDERSTUDY_STORE: storeAt('releases'),
      ...{
        TEMPORAL_ADDRESS: '127.0.0.1:9',
        MLFLOW_TRACKING_URI: 'http://127.0.0.1:9',
        OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
      },
    };
  });
  after(async () => {
    for (const name of Object.keys(process.env)) if (!(name in own)) delete process.env[name];
    Object.assign(process.env, own);
    await Promise.all([stub.close(), kubernetes.close(), moto.stop()]);
    s3.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  const storeAt = (bucket: string): string =>
    `s3://${bucket}/team?endpoint=${encodeURIComponent(moto.endpoint)}&region=us-east-1`;
  const platform = (change: object): Promise<void> =>
    writeFile(environment.UNDERSTUDY_PLATFORM!, stringify({ apiVersion: 'understudy/v1', training, ...change }));
  async function checked(over: Record<string, string> = {}): Promise<Record<string, Check>> {
    const { json } = await runLine(['doctor', '--json'], { ...environment, ...over });
    return Object.fromEntries(json<{ checks: Check[] }>().checks.map((check) => [check.name, check]));
  }

  beforeEach(() => platform({ serving: { namespace: 'understudy', pools } }));

  it('writes into the bucket and leaves nothing there, and says of a missing one what to do', async () => {
    expect((await checked()).store).to.include({ state: 'ok' });
    const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: 'releases' }));
    expect(KeyCount).to.equal(0);
    const { store } = await checked({ UNDERSTUDY_STORE: storeAt('nowhere') });
    expect(store!.state).to.equal('failed');
    expect(store!.found).to.contain('nowhere').and.to.contain('create the bucket');
  });

  it('asks SageMaker once, and quotes it where the role may not', async () => {
    const before = stub.calls.length;
    expect((await checked()).SageMaker).to.include({ state: 'ok', found: 'answers in us-east-1' });
    expect(stub.calls.slice(before)).to.deep.equal(['DescribeTrainingJob']);
    stub.refusal = {
      name: 'AccessDeniedException',
      message: 'User is not authorized to perform: sagemaker:DescribeTrainingJob',
    };
    const { SageMaker } = await checked();
    stub.refusal = null;
    expect(SageMaker!.state).to.equal('failed');
    expect(SageMaker!.found).to.contain('sagemaker:DescribeTrainingJob').and.to.contain('allow this action');
  });

  it('warns of prices that nobody has looked at for half a year', async () => {
    const serving = { namespace: 'understudy', pools };
    expect((await checked()).prices).to.include({ state: 'warning', found: 'nobody has said when they were entered' });
    await platform({ serving, training: { ...training, pricesEnteredOn: '2020-01-01' } });
    const { prices } = await checked();
    expect(prices!.state).to.equal('warning');
    expect(prices!.found).to.match(/^entered on 2020-01-01, \d+ days ago > 180$/);
    await platform({ serving, training: { ...training, pricesEnteredOn: today } });
    expect((await checked()).prices).to.include({ state: 'ok' });
  });

  it('names what is gone of the pools that serve, and looks at no cluster where none does', async () => {
    const store = openStore({ location: environment.UNDERSTUDY_STORE! });
    expect((await checked()).pools).to.include({ state: 'ok', found: 'as they were applied' });
    await addDesired({ store, releaseId: 'shop-r1', release: { model: 'shop', base, adapter: null } });
    const { pools: drifted } = await checked();
    expect(drifted!.state).to.equal('warning');
    expect(drifted!.found)
      .to.match(/Deployment vllm-\S+: is gone/)
      .and.to.match(/Service vllm-\S+: is gone/);
    const bedrock = { region: 'us-east-1', roleArn: 'arn:aws:iam::123456789012:role/import' };
    await platform({ bedrock });
    const asked = kubernetes.seen.length;
    expect(await checked()).not.to.have.property('pools');
    expect(kubernetes.seen.length).to.equal(asked);
  });

  it('gives a link to a report that anybody can read', async () => {
    const releaseId = 'shop-r1';
    const store = openStore({ location: environment.UNDERSTUDY_STORE!, copies: join(folder, 'copies') });
    await store.put({
      key: storeKeys.record({ releaseId }),
      body: Buffer.from(JSON.stringify({ ...record, releaseId })),
    });
    expect((await runLine(['report', releaseId, '--json'], environment)).json<{ link: null }>().link).to.equal(null);
    await store.put({ key: storeKeys.report({ releaseId }), body: Buffer.from('<h1>promoted</h1>') });
    const { code, stdout } = await runLine(['report', releaseId], environment);
    expect(code).to.equal(0);
    const [, link] = /link for an hour: (\S+)/.exec(stdout)!;
    expect(link).to.contain('X-Amz-Expires=3600');
    expect(await (await fetch(link!)).text()).to.equal('<h1>promoted</h1>');
  });
});
