import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { peerPython } from '../../bench/support/peer-environment.js';
import { openGatewayWorld, type GatewayWorld } from '../gateway/support/gateway-world.js';

const folder = fileURLToPath(new URL('./schemathesis', import.meta.url));
const examples = 100;

/** Schemathesis makes requests from the OpenAPI document, right and wrong ones, and holds the answers against it. */
describe('gateway: what its OpenAPI document says holds, as Schemathesis sees it', function () {
  this.timeout(1_200_000);
  let world: GatewayWorld;
  let address: string;
  let command: string;

  before(async () => {
    const requirements = new URL('./schemathesis/requirements.txt', import.meta.url);
    command = join(dirname(await peerPython({ name: 'schemathesis', requirements })), 'st');
    world = await openGatewayWorld();
    await world.writePlan();
    const app = await world.gateway({ settings: { upstreamTimeoutMilliseconds: 10_000 } });
    address = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  after(() => world.close());

  for (const key of ['app', 'reader', 'nobody'])
    it(`as the API key ${key}`, async () => {
      const options = ['--max-examples', String(examples), '--seed', '1', '--no-color', '-H', `x-api-key: ${key}`];
      const config = ['--config-file', join(folder, 'schemathesis.toml')];
      const run = await execa(command, [...config, 'run', `${address}/openapi.json`, ...options], {
        cwd: world.folder,
        reject: false,
        all: true,
      });
      expect(run.exitCode, run.all).to.equal(0);
      expect(run.all).to.match(/Tested: 10/);
    });
});
