import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { adapterManifest, manifestKey } from '../../src/adapters/adapter-manifest.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { localPlatform } from '../../src/workers/local-platform.js';
import { ScriptedVllm } from './support/scripted-vllm.js';

const base = 'tiny';

/** As a worker with an endpoint of one's own has it: of `npm start`, of compose. */
describe('the platform of one machine', function () {
  this.timeout(30_000);
  let root: string;
  let vllm: ScriptedVllm;
  let platform: ReturnType<typeof localPlatform>;
  const until = async (holds: () => boolean): Promise<void> => {
    for (const deadline = Date.now() + 20_000; !holds(); await wait(50))
      if (Date.now() > deadline) throw new Error(`vLLM serves ${[...vllm.names].join(', ')}`);
  };

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-platform-'));
    vllm = new ScriptedVllm({ base });
    await vllm.start();
    const settings = {
      ...{ home: join(root, 'home'), mlflow: { trackingUri: 'http://127.0.0.1:9' }, baseModels: { [base]: root } },
      ...{ endpoint: { liveBaseUrl: null, apiKey: null }, local: { python: 'python3', endpoint: `${vllm.url}/v1` } },
    } as unknown as Parameters<typeof localPlatform>[0]['settings'];
    platform = localPlatform({ settings, store: new DirectoryStore({ root }) });
  });
  after(async () => {
    platform.close();
    await vllm.close();
    await rm(root, { recursive: true, force: true });
  });

  it('loads again by itself what a restarted vLLM has forgotten, and no more than that', async () => {
    const store = new DirectoryStore({ root });
    const name = 'adapter_model.safetensors';
    const prefix = 'releases/m-r1/adapter';
    const { sha256, bytes } = await store.put({ key: `${prefix}/${name}`, body: Buffer.from('weights') });
    const adapter = await store.put({ key: manifestKey(prefix), body: adapterManifest([{ name, sha256, bytes }]) });
    for (const releaseId of ['m-r1', 'm-r2']) await platform.serving.deploy({ model: 'm', releaseId, base, adapter });
    await platform.serving.retire({ model: 'm', releaseId: 'm-r2' });
    vllm.names.delete('m-r1');
    await until(() => vllm.names.has('m-r1'));
    expect([...vllm.names]).to.have.members([base, 'm-r1']);
  });
});
