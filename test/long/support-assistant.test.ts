import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { modelPython } from '../contract/support/model-tools.js';
import { startVllm } from '../contract/support/vllm-server.js';
import { describeSupportAssistant } from '../gateway/support/support-assistant.js';
import { newestInCache } from '../support/cache.js';
import { trainedAssistant } from './support/trained-assistant.js';

describe('the support assistant over SmolLM2-135M-Instruct, trained on what it is shown, on a real vLLM', function () {
  this.timeout(3_600_000);
  describeSupportAssistant({
    open: async ({ place, indexVersion }) => {
      const directory = await mkdtemp(join(tmpdir(), 'support-assistant-vllm-'));
      const base = dirname(await newestInCache({ kind: 'models', name: 'smollm2', proof: 'understudy-base.json' }));
      const lora_path = await trainedAssistant({ place, indexVersion, base, directory });
      const server = await startVllm({ python: await modelPython(), base, directory, contextTokens: 1024 });
      const adapter = 'trained';
      const loaded = await fetch(`${server.endpoint}/load_lora_adapter`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ lora_name: adapter, lora_path }),
      });
      expect(loaded.status, await loaded.text()).to.equal(200);
      return {
        endpoint: server.endpoint,
        adapter,
        close: async () => {
          await server.stop();
          await rm(directory, { recursive: true, force: true });
        },
      };
    },
  });
});
