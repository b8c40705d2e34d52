import { expect } from 'chai';
import { secretsIn } from '../../../src/config/secret.js';
import { readSettings } from '../../../src/config/settings.js';

describe('secretsIn', () => {
  it('finds the secrets of all settings, wherever they lie', () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const settings = readSettings({
      environment: {
        ...{ JUDGE_BASE_URL: 'http://judge.example/v1', JUDGE_API_KEY: 'judge-key', OPENAI_API_KEY: 'endpoint-key' },
        ...{ MLFLOW_TRACKING_TOKEN: 'mlflow-token', UNDERSTUDY_WEBHOOK_SECRET: 'webhook-secret' },
        ...{ UNDERSTUDY_APPROVER_KEY: 'approver-key-0123', UNDERSTUDY_PAYLOAD_KEYS: `k1:${key}` },
        UNDERSTUDY_SLACK_WEBHOOKS: '{"ml-ops":"https://hooks.slack.example/x"}',
      },
    });
    expect(secretsIn(settings)).to.have.members([
      ...['judge-key', 'endpoint-key', 'mlflow-token', 'webhook-secret', 'approver-key-0123'],
      ...[key, 'https://hooks.slack.example/x'],
    ]);
  });
});
