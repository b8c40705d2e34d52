import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { modelPython } from '../contract/support/model-tools.js';
import { startVllm } from '../contract/support/vllm-server.js';
import { describeSupportAssistant } from '../gateway/support/support-assistant.js';
import { newestInCache } from '../support/cache.js';

describe('the support assistant over SmolLM2-135M-Instruct on a real vLLM', function () {
  this.timeout(600_000);
  describeSupportAssistant({
    // As it comes from its makers it copies a fact, and makes things up where it would have to read: those are flagged.
    knows: ['What is your next-day delivery cutoff time?'],
    open: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'support-assistant-vllm-'));
      const base = dirname(await newestInCache({ kind: 'models', name: 'smollm2', proof: 'understudy-base.json' }));
      const server = await startVllm({ python: await modelPython(), base, directory, contextTokens: 1024 });
      return {
        endpoint: server.endpoint,
        adapter: 'base',
        close: async () => {
          await server.stop();
          await rm(directory, { recursive: true, force: true });
        },
      };
    },
  });
});
