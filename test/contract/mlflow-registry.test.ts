import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MlflowClient, collect } from 'mlflow-ts-client';
import { expect } from 'chai';
import { type MlflowServer, startMlflow } from '../../packages/mlflow-ts-client/test/support/mlflow-server.js';
import { MlflowRegistry } from '../../src/adapters/mlflow-registry/mlflow-registry.js';
import { describeModelRegistry } from './model-registry-contract.js';
import { expectPortError } from './support/expect-port-error.js';
import { type ScriptedServer, reply, startScriptedServer } from './support/scripted-server.js';

const registryAt = (trackingUri: string, timeoutMs = 30_000): MlflowRegistry =>
  new MlflowRegistry({ client: new MlflowClient({ trackingUri, retries: 0, timeoutMs }) });

describe('MlflowRegistry on a real MLflow server', function () {
  this.timeout(120_000);
  let directory: string;
  let server: MlflowServer;
  const client = (): MlflowClient => new MlflowClient({ trackingUri: server.uri, retries: 0 });

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'understudy-mlflow-'));
    server = await startMlflow({ directory });
  });
  after(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  describeModelRegistry({ name: 'MlflowRegistry', open: () => registryAt(server.uri) });

  it('leaves one run when 4 registries ask at once, and keeps what people look for in it', async () => {
    const model = 'support-assistant';
    const releaseId = `${model}-r1`;
    const tags = { 'understudy.trigger': 'person' };
    await client().experiments.getOrCreate({ name: model });
    await Promise.all(Array.from({ length: 4 }, () => registryAt(server.uri).ensureRun({ model, releaseId, tags })));
    const { runId } = await registryAt(server.uri).ensureRun({ model, releaseId, tags });
    await registryAt(server.uri).logDataset({
      runId,
      name: 'tickets',
      digest: 'f'.repeat(64),
      source: 'store://datasets/tickets',
      rows: 400,
    });
    await registryAt(server.uri).putArtifact({ runId, path: 'understudy/record.json', body: Buffer.from('{"a":1}') });
    await registryAt(server.uri).endRun({ runId, succeeded: false });
    const run = await client().runs.get({ runId });
    expect(run).to.include({ name: releaseId, status: 'FAILED' });
    expect(run.tags).to.include({ 'understudy.release': releaseId, ...tags });
    expect(run.datasets[0]).to.include({ name: 'tickets', digest: 'f'.repeat(36) });
    expect(JSON.parse(run.datasets[0]!.profile!)).to.deep.equal({ rows: 400, digest: 'f'.repeat(64) });
    expect(await client().artifacts.downloadText({ runId, path: 'understudy/record.json' })).to.equal('{"a":1}');
  });

  it('keeps answers as traces of their run, each once however often it is told', async () => {
    const model = 'traced';
    const { runId } = await registryAt(server.uri).ensureRun({ model, releaseId: 'traced-r1', tags: {} });
    const traces = Array.from({ length: 101 }, (_, at) => ({
      key: `evaluation/traced-r1/challenger/${at}`,
      name: `challenger: ${at}`,
      startedAt: 1_790_000_000_000,
      endedAt: 1_790_000_000_250,
      inputs: { question: `question ${at}` },
      outputs: { answer: 'At 14:00.' },
      attributes: { arm: 'challenger', 'score.tokenF1': 0.5 },
      failure: at === 100 ? 'HTTP 500' : null,
    }));
    for (let time = 0; time < 2; time += 1) await registryAt(server.uri).logTraces({ model, runId, traces });
    const { experimentId } = await client().experiments.getOrCreate({ name: model });
    const kept = await collect({ items: client().traces.search({ experimentIds: [experimentId] }) });
    expect(kept).to.have.length(101);
    expect(kept.filter(({ state }) => state === 'ERROR')).to.have.length(1);
    const { spans } = await client().traces.get({ traceId: kept.find(({ state }) => state === 'OK')!.traceId });
    expect(spans).to.have.length(1);
    expect(spans[0]!.attributes).to.include({ arm: 'challenger', 'score.tokenF1': 0.5 });
    expect(kept[0]!.durationMs).to.equal(250);
  });

  it('refuses an alias on a version that no release registered', async () => {
    await client().registeredModels.getOrCreate({ name: 'foreign' });
    const { experimentId } = await client().experiments.getOrCreate({ name: 'foreign' });
    const { runId, artifactUri } = await client().runs.create({ experimentId });
    const { version } = await client().modelVersions.create({ name: 'foreign', source: artifactUri, runId });
    await registryAt(server.uri).setAlias({ model: 'foreign', alias: 'champion', version });
    await expectPortError(
      registryAt(server.uri).aliasTarget({ model: 'foreign', alias: 'champion' }),
      'InvalidInput',
      'understudy.release',
    );
  });

  it('says what to do about a deleted experiment', async () => {
    const { experimentId } = await client().experiments.getOrCreate({ name: 'deleted' });
    await client().experiments.delete({ experimentId });
    await expectPortError(
      registryAt(server.uri).ensureRun({ model: 'deleted', releaseId: 'deleted-r1', tags: {} }),
      'InvalidInput',
      'restore it',
    );
  });
});

describe('MlflowRegistry and a server that refuses', () => {
  let server: ScriptedServer;
  let script: { status: number; headers?: Record<string, string>; body?: unknown };
  const ask = (): Promise<void> => registryAt(server.url).endRun({ runId: 'r', succeeded: true });

  before(async () => {
    server = await startScriptedServer((_request, response) => reply(response, script));
  });
  after(() => server.close());

  for (const [status, code, type] of [
    [401, 'UNAUTHENTICATED', 'Unauthorised'],
    [403, 'PERMISSION_DENIED', 'Unauthorised'],
    [400, 'INVALID_PARAMETER_VALUE', 'InvalidInput'],
    [404, 'RESOURCE_DOES_NOT_EXIST', 'NotFound'],
    [409, 'RESOURCE_CONFLICT', 'Conflict'],
    [429, 'REQUEST_LIMIT_EXCEEDED', 'RateLimited'],
    [500, 'INTERNAL_ERROR', 'Unavailable'],
    [503, 'TEMPORARILY_UNAVAILABLE', 'Unavailable'],
  ] as const)
    it(`says ${type} for ${code}`, async () => {
      script = { status, headers: { 'retry-after': '2' }, body: { error_code: code, message: 'because' } };
      const error = await expectPortError(ask(), type, 'end of run r', 'because');
      expect(error.retryAfterMilliseconds).to.equal(2000);
      expect(error.retryable).to.equal(['Conflict', 'RateLimited', 'Unavailable'].includes(type));
    });

  it('says Unavailable when nobody listens, and Timeout when nobody answers', async () => {
    const silent = await startScriptedServer(() => undefined);
    await expectPortError(registryAt(silent.url, 50).endRun({ runId: 'r', succeeded: true }), 'Timeout');
    await silent.close();
    await expectPortError(registryAt(silent.url).endRun({ runId: 'r', succeeded: true }), 'Unavailable');
  });
});
