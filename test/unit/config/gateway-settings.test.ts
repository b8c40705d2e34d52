import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { readGatewaySettings } from '../../../src/config/gateway-settings.js';
import { SettingsError } from '../../../src/config/read-environment.js';

describe('gateway settings', () => {
  it('needs nothing', () => {
    const settings = readGatewaySettings({ environment: {} });
    expect(settings).to.include({ host: '127.0.0.1', port: 0, models: null, supervised: false, upstreamApiKey: null });
    expect(settings.keysFile).to.equal(join(resolve('.understudy'), 'keys.json'));
    expect(settings.gatewayId).to.match(/^[A-Za-z0-9._-]+-0$/);
    expect(settings.requestTimeoutMilliseconds).to.equal(2 * settings.upstreamTimeoutMilliseconds);
  });

  it('takes what it is told', () => {
    const settings = readGatewaySettings({
      environment: { GATEWAY_MODELS: 'a, b.c', GATEWAY_PORT: '8080', GATEWAY_ID: 'g-1', UNDERSTUDY_SUPERVISED: '1' },
    });
    expect(settings).to.deep.include({ models: ['a', 'b.c'], port: 8080, gatewayId: 'g-1', supervised: true });
  });

  it('lists every problem at once, and never a secret', () => {
    const environment = {
      GATEWAY_PORT: '70000',
      GATEWAY_ID: 'a/b',
      GATEWAY_MODELS: 'a,,b',
      GATEWAY_PLAN_POLL: '5000',
      GATEWAY_MIRROR_QUEUE: 'half',
      OPENAI_API_KEY: 'the secret',
    };
    const problems = problemsOf(() => readGatewaySettings({ environment }));
    expect(problems.map(({ name }) => name)).to.have.members(Object.keys(environment).slice(0, 5));
    expect(problems[0]).to.deep.include({ value: '70000', expected: 'a whole number from 0 to 65535' });
    expect(JSON.stringify(readGatewaySettings({ environment: { OPENAI_API_KEY: 'the secret' } }))).not.to.include(
      'the secret',
    );
  });

  it('refuses a request limit under that of one attempt', () => {
    const environment = { GATEWAY_UPSTREAM_TIMEOUT: '1000', GATEWAY_REQUEST_TIMEOUT: '900' };
    expect(problemsOf(() => readGatewaySettings({ environment }))[0]).to.include({
      name: 'GATEWAY_REQUEST_TIMEOUT',
      value: '900',
      expected: 'at least GATEWAY_UPSTREAM_TIMEOUT, 1000',
    });
  });
});

function problemsOf(read: () => unknown): SettingsError['problems'] {
  try {
    read();
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  throw new Error('the settings were taken');
}
