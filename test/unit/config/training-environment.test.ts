import { expect } from 'chai';
import { trainingEnvironment } from '../../../src/config/training-environment.js';

describe('the environment of a training process', () => {
  it('holds what training needs', () => {
    const needed = {
      PATH: '/usr/bin',
      HOME: '/home/ann',
      LC_ALL: 'C.UTF-8',
      CUDA_VISIBLE_DEVICES: '0',
      OMP_NUM_THREADS: '2',
      https_proxy: 'http://proxy:3128',
      MLFLOW_TRACKING_TOKEN: 'token of MLflow',
      MLFLOW_TRACKING_PASSWORD: 'password of MLflow',
    };
    expect(trainingEnvironment(needed)).to.deep.equal(needed);
  });

  it('holds no secret of the worker and nothing that nobody named', () => {
    const secrets = [
      'TEMPORAL_API_KEY',
      'OPENAI_API_KEY',
      'JUDGE_API_KEY',
      'UNDERSTUDY_WEBHOOK_SECRET',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'PGPASSWORD',
      'HF_TOKEN',
      'GITHUB_TOKEN',
      'MY_PATH',
      'NODE_OPTIONS',
    ];
    expect(trainingEnvironment(Object.fromEntries(secrets.map((name) => [name, 'secret'])))).to.deep.equal({});
  });
});
