import { expect } from 'chai';
import getPort from 'get-port';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readSettings } from '../../src/config/settings.js';
import { checkConfigured } from '../../src/client/start/check-configured.js';
import { CannotRunError } from '../../src/client/start/checks.js';
import { customaryPorts } from '../../src/client/start/ports.js';
import { wire } from '../../src/client/start/wiring.js';

interface Endpoint {
  models?: unknown;
  /** What it answers to an order to load an adapter. */
  load?: number;
  /** What it answers to everything without this key. */
  key?: string;
}

async function startEndpoint({ models, load = 400, key }: Endpoint) {
  const server = createServer((request, response) => {
    const loads = request.url === '/v1/load_lora_adapter';
    const allowed = key === undefined || request.headers.authorization === `Bearer ${key}`;
    response.writeHead(allowed ? (loads ? load : 200) : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(loads ? {} : models));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('servers that are configured', () => {
  /** What is said of an endpoint of one's own; null when it is fit. */
  async function saidOf(endpoint: Endpoint, apiKey: string | null = null): Promise<string | null> {
    const { url, close } = await startEndpoint(endpoint);
    try {
      return await saidAt(url, apiKey);
    } finally {
      await close();
    }
  }

  async function saidAt(url: string, apiKey: string | null = null): Promise<string | null> {
    const environment = {
      OPENAI_BASE_URL: url,
      UNDERSTUDY_TEMPORAL_BIN: '/bin/true',
      UNDERSTUDY_MLFLOW_BIN: '/bin/true',
    };
    const settings = readSettings({ environment });
    const wiring = await wire({ settings, ports: customaryPorts, baseId: 'tiny', live: null, moved: {} });
    return await checkConfigured({ wiring, apiKey }).then(
      () => null,
      (error: unknown) => {
        expect(error).to.be.instanceOf(CannotRunError);
        return (error as Error).message;
      },
    );
  }

  const models = { data: [{ id: 'tiny' }, { id: 'other' }] };

  it('are used when they serve the base model and take adapters', async () => {
    expect(await saidOf({ models })).to.equal(null);
    expect(await saidOf({ models, key: 'right' }, 'right')).to.equal(null);
  });

  it('are refused before anything starts when they serve another model', async () => {
    expect(await saidOf({ models: { data: [{ id: 'llama' }] } })).to.contain(
      'it serves llama, expected the base model tiny',
    );
  });

  it('are refused when they can not load adapters', async () => {
    expect(await saidOf({ models, load: 404 }))
      .to.contain('answered 404')
      .and.contain('VLLM_ALLOW_RUNTIME_LORA_UPDATING=True');
  });

  it('are refused when they are something else, want a key, or are away', async () => {
    expect(await saidOf({ models: { hello: 'world' } })).to.contain('is no list of models');
    expect(await saidOf({ models, key: 'right' }, 'wrong')).to.contain('answered 401; check the address and its key');
    expect(await saidAt(`http://127.0.0.1:${await getPort()}/v1`)).to.contain('does not answer (connect ECONNREFUSED');
  });
});
