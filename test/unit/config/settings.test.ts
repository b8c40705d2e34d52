import { expect } from 'chai';
import { inspect } from 'node:util';
import { resolve } from 'node:path';
import { SettingsError } from '../../../src/config/read-environment.js';
import { readSettings } from '../../../src/config/settings.js';

const refusal = (environment: Record<string, string>): SettingsError => {
  try {
    readSettings({ environment });
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error('expected a SettingsError');
};

describe('settings', () => {
  it('needs nothing: everything has a default or is started', () => {
    const settings = readSettings({ environment: {} });
    expect(settings.home).to.equal(resolve('.understudy'));
    expect(settings.store).to.equal(resolve('.understudy/store'));
    expect(settings.temporal).to.deep.equal({
      address: null,
      namespace: 'default',
      apiKey: null,
      tls: null,
      headers: {},
      payloadKeys: [],
    });
    expect(settings.mlflow.trackingUri).to.equal(null);
    expect(settings.baseModels).to.deep.equal({});
  });

  it('has a judge where its address is set, with limits of one worker', () => {
    expect(readSettings({ environment: { JUDGE_CONCURRENCY: '8' } }).judge).to.equal(null);
    const { judge } = readSettings({
      environment: {
        JUDGE_BASE_URL: 'https://judge.example/v1/',
        JUDGE_API_KEY: 'sk-1',
        JUDGE_TOKENS_PER_MINUTE: '9000',
      },
    });
    expect(judge).to.deep.include({
      baseUrl: 'https://judge.example/v1',
      concurrency: 16,
      timeoutMilliseconds: 60_000,
    });
    expect(judge).to.include({ requestsPerMinute: null, tokensPerMinute: 9000 });
    expect(inspect(judge)).not.to.contain('sk-1');
    expect(refusal({ JUDGE_CONCURRENCY: '0' }).message).to.match(
      /JUDGE_CONCURRENCY is "0": expected a whole number from 1/,
    );
  });

  it('reads what is set, paths made absolute and addresses without a slash at the end', () => {
    const settings = readSettings({
      environment: {
        UNDERSTUDY_HOME: 'state',
        TEMPORAL_ADDRESS: 'temporal.example:7233',
        MLFLOW_TRACKING_URI: 'https://mlflow.example/',
        OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1/',
        UNDERSTUDY_BASE_MODELS: '{"tiny":"models/tiny"}',
      },
    });
    expect(settings.home).to.equal(resolve('state'));
    expect(settings.store).to.equal(resolve('state/store'));
    expect(settings.temporal.address).to.equal('temporal.example:7233');
    expect(settings.mlflow.trackingUri).to.equal('https://mlflow.example');
    expect(settings.endpoint.baseUrl).to.equal('http://127.0.0.1:8000/v1');
    expect(settings.baseModels).to.deep.equal({ tiny: resolve('models/tiny') });
  });

  it('treats an empty variable as not set', () => {
    expect(readSettings({ environment: { TEMPORAL_ADDRESS: ' ', MLFLOW_TRACKING_URI: '' } }).temporal.address).to.equal(
      null,
    );
  });

  it('lists every problem at once, each with its value, what was expected and how to mend it', () => {
    const { problems, message } = refusal({
      UNDERSTUDY_PROFILE: 'laptop',
      TEMPORAL_ADDRESS: 'localhost',
      MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db',
      OPENAI_BASE_URL: 'not an address',
      UNDERSTUDY_BASE_MODELS: '[1]',
    });
    expect(problems.map((problem) => problem.name)).to.have.members([
      'UNDERSTUDY_PROFILE',
      'TEMPORAL_ADDRESS',
      'MLFLOW_TRACKING_URI',
      'OPENAI_BASE_URL',
      'UNDERSTUDY_BASE_MODELS',
    ]);
    expect(message).to.contain('5 settings are not usable');
    expect(message).to.contain('TEMPORAL_ADDRESS is "localhost": expected host:port such as 127.0.0.1:7233');
    expect(message).to.contain('UNDERSTUDY_PROFILE is "laptop": expected embedded');
    for (const problem of problems) expect(problem.mend).to.match(/\.$/);
  });

  it('refuses a key of pseudonyms that could be found by trying, and does not show it', () => {
    const { message } = refusal({ UNDERSTUDY_PSEUDONYM_KEY: 'hush-1234' });
    expect(message).to.contain('at least 16 characters').and.not.contain('hush-1234');
  });

  it('refuses ports that are none', () => {
    for (const address of ['host:0', 'host:65536', 'host:', 'http://host:7233', ':7233'])
      expect(refusal({ TEMPORAL_ADDRESS: address }).problems, address).to.have.length(1);
  });

  it('shows a secret nowhere but where it is asked for', () => {
    const { temporal } = readSettings({
      environment: { TEMPORAL_ADDRESS: 'temporal.example:7233', TEMPORAL_API_KEY: 'hush-1234' },
    });
    const shown = [
      String(temporal.apiKey),
      JSON.stringify(temporal),
      inspect(temporal, { depth: 5, showHidden: true }),
    ];
    for (const text of shown) expect(text).to.not.contain('hush-1234');
    expect(temporal.apiKey?.reveal()).to.equal('hush-1234');
  });
});
