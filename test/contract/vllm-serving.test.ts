import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ArtifactRef } from '../../src/domain/artifact-ref.js';
import { trainingEnvironment } from '../../src/config/training-environment.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { LocalTrainer } from '../../src/adapters/local-trainer/local-trainer.js';
import { stopAll } from '../../src/adapters/local-trainer/stop-job.js';
import { OpenAiChat } from '../../src/adapters/openai-chat/openai-chat.js';
import { VllmServing } from '../../src/adapters/vllm-serving/vllm-serving.js';
import { describeServingPlatform } from './serving-platform-contract.js';
import { expectPortError } from './support/expect-port-error.js';
import { modelTools } from './support/model-tools.js';
import { trainingRequest } from './support/training-request.js';
import { type VllmServer, startVllm } from './support/vllm-server.js';
import { awaitStatus } from './trainer-contract.js';

describe('VllmServing on a real vLLM', function () {
  this.timeout(600_000);
  const withinMilliseconds = 120_000;
  let root: string;
  let server: VllmServer;
  let adapter: ArtifactRef;
  const home = (): string => join(root, 'home');
  const store = (): DirectoryStore => new DirectoryStore({ root: join(root, 'store') });
  const open = (): VllmServing =>
    new VllmServing({ store: store(), endpoint: server.endpoint, apiKey: null, bases: { tiny: 'base' } });
  const ask = async ({ endpoint, adapter: name }: { endpoint: string; adapter: string }): Promise<string> => {
    const messages = [{ role: 'user' as const, content: 'Where is parcel 7?' }];
    const request = { endpoint, model: name, messages, maxTokens: 4, temperature: 0 };
    return (await new OpenAiChat({ apiKey: null }).complete({ ...request, signal: AbortSignal.timeout(60_000) })).text;
  };

  async function train(tools: Awaited<ReturnType<typeof modelTools>>): Promise<ArtifactRef> {
    const { python, script, tiny } = tools;
    const baseModels = { tiny };
    const trainer = new LocalTrainer({
      store: store(),
      home: home(),
      python,
      script,
      baseModels,
      trackingUri: null,
      environment: trainingEnvironment(),
    });
    const request = await trainingRequest({ store: store(), jobName: 'train-parcels-r1', maxSteps: 2 });
    await trainer.start(request);
    const wanted = ({ state }: { state: string }): boolean => state === 'completed';
    await awaitStatus({ trainer, jobName: request.jobName, wanted, withinMilliseconds: 300_000 });
    return (await trainer.collect({ jobName: request.jobName, keyPrefix: 'releases/parcels-r1/adapter' })).adapter;
  }

  before(async () => {
    const tools = await modelTools();
    root = await mkdtemp(join(tmpdir(), 'understudy-serving-'));
    adapter = await train(tools);
    server = await startVllm({ python: tools.python, base: tools.tiny, directory: root });
  });
  after(async () => {
    await server?.stop();
    await stopAll({ home: home(), graceMilliseconds: 0 });
    await rm(root, { recursive: true, force: true });
  });

  describeServingPlatform({ name: 'VllmServing', open, base: 'tiny', adapter: () => adapter, ask, withinMilliseconds });

  // Nested, because mocha runs a suite's own tests before the suites inside it.
  describe('VllmServing', () => {
    it('loads again what a restarted vLLM has forgotten', async () => {
      expect(await open().reconcile()).to.deep.equal({ loaded: [], failed: [] });
      await server.restart();
      const { ready, reason } = await open().readiness({ releaseId: 'parcels-r1' });
      expect({ ready, reason }).to.deep.equal({
        ready: false,
        reason: 'parcels-r1 is not loaded; the endpoint serves base',
      });
      expect(await open().reconcile()).to.deep.equal({ loaded: ['parcels-r1'], failed: [] });
      expect((await open().readiness({ releaseId: 'parcels-r1' })).ready).to.equal(true);
      expect(await open().reconcile()).to.deep.equal({ loaded: [], failed: [] });
    });

    it('loads nothing that is not what the release names', async () => {
      const weights = await store().localPath({ key: 'releases/parcels-r1/adapter/adapter_model.safetensors' });
      await appendFile(weights, 'x');
      await expectPortError(
        open().deploy({ model: 'parcels', releaseId: 'parcels-r5', base: 'tiny', adapter }),
        'DigestMismatch',
        'adapter_model.safetensors',
      );
      expect(await open().served({ model: 'parcels' })).not.to.include('parcels-r5');
    });
  });
});
