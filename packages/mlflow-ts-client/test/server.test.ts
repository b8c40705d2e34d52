import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MlflowClient } from '../src/client.js';
import { artifactsSuite } from './server/artifacts.suite.js';
import { experimentsSuite } from './server/experiments.suite.js';
import { modelsSuite } from './server/models.suite.js';
import { promptsSuite } from './server/prompts.suite.js';
import { runsSuite } from './server/runs.suite.js';
import { tracesSuite } from './server/traces.suite.js';
import { webhooksSuite } from './server/webhooks.suite.js';
import { startMlflow, webhooksToThisMachine } from './support/mlflow-server.js';
import type { MlflowServer } from './support/mlflow-server.js';

describe('mlflow-ts-client against a real MLflow server', function () {
  // How long a busy machine takes says nothing of what is right.
  this.timeout(120_000);
  let server: MlflowServer;
  let directory: string;
  let client: MlflowClient;

  before(async function () {
    this.timeout(120_000);
    directory = await mkdtemp(join(tmpdir(), 'mlflow-server-'));
    server = await startMlflow({ directory, environment: webhooksToThisMachine });
    client = new MlflowClient({ trackingUri: server.uri, retries: 0 });
  });

  after(async function () {
    this.timeout(60_000);
    await server?.stop();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  });

  it('knows the version', async () => {
    expect(await client.version()).to.match(/^3\.\d+\.\d+$/);
  });

  const context = () => ({ client, directory });
  describe('experiments', () => experimentsSuite(context));
  describe('runs', () => runsSuite(context));
  describe('artifacts', () => artifactsSuite(context));
  describe('registered models and versions', () => modelsSuite(context));
  describe('prompts', () => promptsSuite(context));
  describe('traces', () => tracesSuite(context));
  describe('webhooks', () => webhooksSuite(context));
});

describe('the server that tests start', function () {
  this.timeout(120_000);

  it('says how to mend a missing MLflow', async () => {
    const before = process.env.MLFLOW_EXECUTABLE;
    process.env.MLFLOW_EXECUTABLE = '/does/not/exist';
    try {
      await startMlflow({ directory: tmpdir() });
      expect.fail('started from a file that does not exist');
    } catch (error) {
      expect((error as Error).message)
        .to.include('/does/not/exist')
        .and.include('expected the path of an mlflow command');
    } finally {
      if (before === undefined) delete process.env.MLFLOW_EXECUTABLE;
      else process.env.MLFLOW_EXECUTABLE = before;
    }
  });

  it('leaves no process behind and keeps its data for the next start', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'mlflow-server-'));
    try {
      const first = await startMlflow({ directory });
      await new MlflowClient({ trackingUri: first.uri }).experiments.create({ name: 'kept' });
      await first.stop();
      expect(() => process.kill(-first.pid, 0)).to.throw('ESRCH');
      const second = await startMlflow({ directory });
      try {
        expect(
          (await new MlflowClient({ trackingUri: second.uri }).experiments.getByName({ name: 'kept' }))?.name,
        ).to.equal('kept');
      } finally {
        await second.stop();
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
