import { expect } from 'chai';
import { componentEnvironment, type ComponentName } from '../../../src/config/component-environment.js';

const everywhere = { PATH: '/usr/bin', HOME: '/home/ann', https_proxy: 'http://proxy:3128', UNDERSTUDY_HOME: '/state' };
const secrets = {
  TEMPORAL_API_KEY: 'secret',
  MLFLOW_TRACKING_TOKEN: 'secret',
  OPENAI_API_KEY: 'secret',
  JUDGE_API_KEY: 'secret',
  UNDERSTUDY_WEBHOOK_SECRET: 'secret',
  UNDERSTUDY_PSEUDONYM_KEY: 'secret',
  PGPASSWORD: 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
  GITHUB_TOKEN: 'secret',
  HF_TOKEN: 'secret',
  NPM_CONFIG_TOKEN: 'secret',
};

const secretsOf = (name: ComponentName): string[] =>
  Object.keys(componentEnvironment({ name, environment: secrets })).sort();

describe('the environment of the programs that npm start runs', () => {
  it('holds what every program needs', () => {
    for (const name of ['temporal', 'mlflow', 'vllm', 'worker', 'gateway'] as const)
      expect(componentEnvironment({ name, environment: everywhere })).to.deep.equal(everywhere);
  });

  it('gives the servers of others no key', () => {
    for (const name of ['temporal', 'mlflow', 'vllm'] as const) expect(secretsOf(name), name).to.deep.equal([]);
  });

  it('gives the gateway the key of the endpoint alone', () => {
    expect(secretsOf('gateway')).to.deep.equal(['OPENAI_API_KEY']);
    const settings = { UNDERSTUDY_STORE: '/store', GATEWAY_PORT: '8080', NODE_EXTRA_CA_CERTS: '/ca.pem' };
    expect(componentEnvironment({ name: 'gateway', environment: settings })).to.deep.equal(settings);
  });

  it('gives the worker its own keys and those of data sources, and no others', () => {
    const others = ['GITHUB_TOKEN', 'HF_TOKEN', 'NPM_CONFIG_TOKEN'];
    expect(secretsOf('worker')).to.deep.equal(
      Object.keys(secrets)
        .filter((name) => !others.includes(name))
        .sort(),
    );
  });

  it('lets vLLM be tuned', () => {
    const tuned = { VLLM_CPU_OMP_THREADS_BIND: '2,3', OMP_NUM_THREADS: '2', LD_PRELOAD: '/lib/tcmalloc.so' };
    expect(componentEnvironment({ name: 'vllm', environment: tuned })).to.deep.equal(tuned);
  });
});
