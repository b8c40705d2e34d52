import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { adapterManifest, manifestKey } from '../../src/adapters/adapter-manifest.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { desiredKey, removeDesired } from '../../src/adapters/vllm-serving/desired-adapters.js';
import { VllmServing } from '../../src/adapters/vllm-serving/vllm-serving.js';
import type { ArtifactRef } from '../../src/domain/artifact-ref.js';
import { expectPortError } from './support/expect-port-error.js';
import { type ScriptedServer, reply, startScriptedServer } from './support/scripted-server.js';

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** What a vLLM that is well would not do on demand. */
describe('VllmServing and an endpoint that refuses', () => {
  let root: string;
  let store: DirectoryStore;
  let server: ScriptedServer;
  let answers: Record<string, Answer>;
  const healthy = (): Record<string, Answer> => ({
    '/health': { body: '' },
    '/v1/models': { body: { data: [{ id: 'base' }] } },
    '/v1/load_lora_adapter': { body: 'Success' },
    '/v1/unload_lora_adapter': { body: 'Success' },
    '/v1/chat/completions': { body: { choices: [] } },
  });
  const serving = (): VllmServing =>
    new VllmServing({
      store,
      endpoint: `${server.url}/v1`,
      liveEndpoint: 'http://127.0.0.1:9/v1',
      apiKey: 'key',
      bases: { tiny: 'base' },
    });
  const putAdapter = async (prefix: string, weights = 'weights'): Promise<ArtifactRef> => {
    const name = 'adapter_model.safetensors';
    const { sha256, bytes } = await store.put({ key: `${prefix}/${name}`, body: Buffer.from(weights) });
    return store.put({ key: manifestKey(prefix), body: adapterManifest([{ name, sha256, bytes }]) });
  };
  const deploy = (adapter: ArtifactRef | null, releaseId = 'm-r1') =>
    serving().deploy({ model: 'm', releaseId, base: 'tiny', adapter });
  const paths = (): string[] => server.seen.map(({ path }) => path);

  before(async () => {
    server = await startScriptedServer(({ path }, response) => reply(response, answers[path] ?? { status: 404 }));
  });
  after(() => server.close());
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-vllm-'));
    store = new DirectoryStore({ root });
    answers = healthy();
    server.seen.length = 0;
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('sends the key, the name and the path, and tells the live endpoint apart', async () => {
    const adapter = await putAdapter('releases/m-r1/adapter');
    const served = await deploy(adapter);
    expect(served).to.deep.equal({
      endpoint: `${server.url}/v1`,
      liveEndpoint: 'http://127.0.0.1:9/v1',
      adapter: 'm-r1',
    });
    const load = server.seen.find(({ path }) => path === '/v1/load_lora_adapter')!;
    expect(load.headers.authorization).to.equal('Bearer key');
    expect(JSON.parse(load.body)).to.deep.equal({
      lora_name: 'm-r1',
      lora_path: join(root, 'releases/m-r1/adapter'),
    });
  });

  it('takes "already loaded" for loaded', async () => {
    answers['/v1/load_lora_adapter'] = {
      status: 400,
      body: { error: { message: "The lora adapter 'm-r1' has already been loaded." } },
    };
    await deploy(await putAdapter('releases/m-r1/adapter'));
  });

  it('unloads the old adapter of a release before it loads another under its name', async () => {
    await deploy(await putAdapter('releases/m-r1/adapter'));
    await deploy(await putAdapter('releases/m-r1/again', 'other weights'));
    const loads = paths().filter((path) => path.endsWith('lora_adapter'));
    expect(loads).to.deep.equal(['/v1/load_lora_adapter', '/v1/unload_lora_adapter', '/v1/load_lora_adapter']);
  });

  it('says how to start vLLM where adapters can not be loaded', async () => {
    answers['/v1/load_lora_adapter'] = { status: 404, body: { detail: 'Not Found' } };
    await expectPortError(
      deploy(await putAdapter('releases/m-r1/adapter')),
      'InvalidInput',
      'VLLM_ALLOW_RUNTIME_LORA_UPDATING=True',
    );
  });

  for (const [status, type] of [
    [400, 'InvalidInput'],
    [401, 'Unauthorised'],
    [404, 'NotFound'],
    [429, 'RateLimited'],
    [500, 'Unavailable'],
  ] as const)
    it(`says ${type} for HTTP ${status}, and deploys when asked again`, async () => {
      const adapter = await putAdapter('releases/m-r1/adapter');
      answers['/v1/load_lora_adapter'] = { status, headers: { 'retry-after': '4' }, body: { error: 'the reason' } };
      const error = await expectPortError(deploy(adapter), type, 'm-r1', String(status), 'the reason');
      expect(error.retryAfterMilliseconds).to.equal(4000);
      answers = healthy();
      await deploy(adapter);
    });

  it('asks no second time with a rank that the endpoint can not hold', async () => {
    const message =
      "Call to add_lora method failed: Worker failed with error 'LoRA rank 128 is greater than max_lora_rank 64.'";
    answers['/v1/load_lora_adapter'] = { status: 500, body: { error: { message, code: 500 } } };
    const adapter = await putAdapter('releases/m-r1/adapter');
    await expectPortError(deploy(adapter), 'InvalidInput', 'rank 128 > 64', 'training.rank');
  });

  it('names what keeps a release from being ready', async () => {
    await deploy(await putAdapter('releases/m-r1/adapter'));
    const reason = async (): Promise<string> => {
      const readiness = await serving().readiness({ releaseId: 'm-r1' });
      expect(readiness.ready).to.equal(false);
      return readiness.reason;
    };
    expect(await reason()).to.equal('m-r1 is not loaded; the endpoint serves base');
    answers['/v1/models'] = { body: { data: [{ id: 'base' }, { id: 'm-r1' }] } };
    answers['/v1/chat/completions'] = { status: 500, body: 'engine is dead' };
    expect(await reason()).to.include('HTTP 500: engine is dead');
    answers['/health'] = { status: 503 };
    expect(await reason()).to.include('/health: HTTP 503');
    answers = { ...healthy(), '/v1/models': { body: 'not json' } };
    expect(await reason()).to.include('no list of models');
  });

  it('is ready on an endpoint without /health, such as one that is not vLLM', async () => {
    await deploy(null);
    delete answers['/health'];
    expect(await serving().readiness({ releaseId: 'm-r1' })).to.deep.equal({ ready: true, reason: 'base answers' });
    expect(paths()).not.to.include('/v1/load_lora_adapter');
  });

  it('reconciles the others when one can not be loaded', async () => {
    answers['/v1/models'] = { body: { data: [{ id: 'base' }, { id: 'm-r1' }, { id: 'm-r2' }] } };
    await deploy(await putAdapter('releases/m-r1/adapter'));
    await deploy(await putAdapter('releases/m-r2/adapter'), 'm-r2');
    await store.remove({ key: 'releases/m-r1/adapter/adapter_model.safetensors' });
    answers = healthy();
    const { loaded, failed } = await serving().reconcile();
    expect(loaded).to.deep.equal(['m-r2']);
    expect(failed).to.have.length(1);
    expect(failed[0]!.releaseId).to.equal('m-r1');
    expect(failed[0]!.reason).to.include('adapter_model.safetensors');
  });

  it('asks an endpoint nothing where nothing should be loaded', async () => {
    await deploy(null);
    server.seen.length = 0;
    expect(await serving().reconcile()).to.deep.equal({ loaded: [], failed: [] });
    expect(paths()).to.deep.equal([]);
  });

  it('leaves nothing loaded of a release that is retired while it is loaded again', async () => {
    await deploy(await putAdapter('releases/m-r1/adapter'));
    class Leaving extends DirectoryStore {
      override async localPath(input: { key: string }): Promise<string> {
        await removeDesired({ store, releaseId: 'm-r1' });
        return await super.localPath(input);
      }
    }
    server.seen.length = 0;
    const late = new VllmServing({
      ...{ store: new Leaving({ root }), endpoint: `${server.url}/v1`, apiKey: null, bases: { tiny: 'base' } },
    });
    expect(await late.reconcile()).to.deep.equal({ loaded: [], failed: [] });
    expect(paths()).to.deep.equal(['/v1/models', '/v1/load_lora_adapter', '/v1/unload_lora_adapter']);
  });

  it('keeps every release when many workers deploy at once', async () => {
    const adapter = await putAdapter('releases/m/adapter');
    const releases = Array.from({ length: 8 }, (_, at) => `m-r${at}`);
    await Promise.all(releases.map((releaseId) => deploy(adapter, releaseId)));
    expect((await serving().served({ model: 'm' })).sort()).to.deep.equal(releases);
  });

  it('says Unavailable when the endpoint is gone', async () => {
    const gone = await startScriptedServer(() => undefined);
    await gone.close();
    const away = new VllmServing({ store, endpoint: `${gone.url}/v1`, apiKey: null, bases: { tiny: 'base' } });
    const adapter = await putAdapter('releases/m-r1/adapter');
    await expectPortError(
      away.deploy({ model: 'm', releaseId: 'm-r1', base: 'tiny', adapter }),
      'Unavailable',
      'ECONNREFUSED',
    );
    expect((await away.readiness({ releaseId: 'm-r1' })).reason).to.include('ECONNREFUSED');
  });

  it('names the key of a list of releases that is none', async () => {
    await store.put({ key: desiredKey, body: Buffer.from('{') });
    await expectPortError(serving().served({ model: 'm' }), 'InvalidInput', desiredKey);
  });
});
