import { expect } from 'chai';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSettings } from '../../src/config/settings.js';
import { CannotRunError, prepareHome } from '../../src/client/start/checks.js';
import { ensureGatewayKey } from '../../src/client/start/gateway-key.js';
import { customaryPorts } from '../../src/client/start/ports.js';
import { wire } from '../../src/client/start/wiring.js';
import { KeyRing } from '../../src/gateway/key-ring.js';
import { makeScratch } from './support/scratch.js';

const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => null,
    (failure: unknown) => failure,
  );
  expect(error).to.be.instanceOf(CannotRunError);
  return (error as Error).message;
};

describe('checks before a start', () => {
  let scratch: Awaited<ReturnType<typeof makeScratch>>;
  beforeEach(async () => {
    scratch = await makeScratch();
  });
  afterEach(() => scratch.remove());

  it('make the home, and refuse one that can not be used', async () => {
    await prepareHome({ home: join(scratch.folder, 'deep/home'), neededBytes: 1 });
    const file = join(scratch.folder, 'file');
    await writeFile(file, '');
    expect(await refusal(prepareHome({ home: file, neededBytes: 1 })))
      .to.contain(file)
      .and.to.contain('UNDERSTUDY_HOME');
  });

  it('refuse a full disk with both figures', async () => {
    const message = await refusal(prepareHome({ home: scratch.folder, neededBytes: 2 ** 60 }));
    expect(message).to.match(/\d+\.\d GB free, 1073741824\.0 GB needed/);
  });

  it('name everything that would have to be started and is not there', async () => {
    const settings = readSettings({
      environment: {
        UNDERSTUDY_HOME: scratch.folder,
        UNDERSTUDY_TEMPORAL_BIN: '/bin/true',
        UNDERSTUDY_MLFLOW_BIN: '/bin/true',
      },
    });
    const input = { ports: { ...customaryPorts }, baseId: 'tiny', live: null, moved: {} };
    expect(await refusal(wire({ settings, ...input })))
      .to.contain('UNDERSTUDY_PYTHON')
      .and.to.contain('base model tiny');
  });

  it('use what is configured instead of starting it', async () => {
    const settings = readSettings({
      environment: {
        UNDERSTUDY_HOME: scratch.folder,
        TEMPORAL_ADDRESS: 'temporal.example:7233',
        MLFLOW_TRACKING_URI: 'https://mlflow.example',
        OPENAI_BASE_URL: 'https://models.example/v1',
      },
    });
    const wiring = await wire({
      ...{ settings, ports: { ...customaryPorts }, baseId: 'tiny' },
      live: 'http://127.0.0.1:8100/v1',
      moved: { 'http://127.0.0.1:8000/v1': 'https://models.example/v1' },
    });
    expect([wiring.temporal.own, wiring.mlflow.own, wiring.endpoint.own]).to.deep.equal([false, false, false]);
    expect(wiring.environment).to.include({
      TEMPORAL_ADDRESS: 'temporal.example:7233',
      MLFLOW_TRACKING_URI: 'https://mlflow.example',
      OPENAI_BASE_URL: 'https://models.example/v1',
      UNDERSTUDY_LIVE_BASE_URL: 'http://127.0.0.1:8100/v1',
      UNDERSTUDY_HOME: scratch.folder,
      UNDERSTUDY_MOVED_ENDPOINTS: '{"http://127.0.0.1:8000/v1":"https://models.example/v1"}',
    });
  });

  it('keep one API key, which the gateway knows by its hash', async () => {
    await mkdir(scratch.folder, { recursive: true });
    const key = await ensureGatewayKey({ home: scratch.folder, model: 'support' });
    expect(await ensureGatewayKey({ home: scratch.folder, model: 'support' })).to.equal(key);
    const ring = new KeyRing(join(scratch.folder, 'keys.json'));
    await ring.refresh();
    expect(ring.find({ key, now: 0 })).to.include({ id: 'embedded', defaultModel: 'support' });
    expect(ring.find({ key: `${key}x`, now: 0 })).to.equal(null);
  });
});
