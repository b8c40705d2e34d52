import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Installation } from '../../../infra/kubernetes/parts.js';
import { readOutputs, readSettings, type Settings } from '../../../infra/settings.js';

export const examplePath = fileURLToPath(new URL('../../../infra/settings.example.yaml', import.meta.url));

/** What `cdk deploy --outputs-file` would write. */
export const exampleOutputs = {
  'understudy-foundation': {
    StoreBucket: 'understudy-store-123456789012-eu-central-1',
    ModelsBucket: 'understudy-models-123456789012-eu-central-1',
    KeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555',
    SummariesTable: 'understudy-summaries',
    TrainingSubnets: 'subnet-a,subnet-b,subnet-c',
    TrainingSecurityGroup: 'sg-1',
    LoadBalancerRanges: '10.40.16.0/20,10.40.32.0/20,10.40.48.0/20',
    NotificationTopicArn: 'arn:aws:sns:eu-central-1:123456789012:understudy-notifications',
  },
  'understudy-cluster': {
    TrainingRoleArn: 'arn:aws:iam::123456789012:role/understudy-training',
    ModelImportRoleArn: 'arn:aws:iam::123456789012:role/understudy-model-import',
    DatabaseAddress: 'temporal.eu-central-1.rds.amazonaws.com:5433',
    DatabaseSecretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:temporal-1',
  },
  'understudy-service': {
    GatewayTargetGroupArn:
      'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/gateway/0123456789abcdef',
    Address: 'https://example.execute-api.eu-central-1.amazonaws.com',
  },
};

export const exampleSettings = (): Settings =>
  readSettings({ path: examplePath, content: parse(readFileSync(examplePath, 'utf8')) });

/** The installation of infra/settings.example.yaml, with Temporal where `temporal` says. */
export const exampleInstallation = ({ temporal }: { temporal?: Settings['temporal'] } = {}): Installation => ({
  settings: { ...exampleSettings(), ...(temporal ? { temporal } : {}) },
  outputs: readOutputs({ path: 'outputs.json', content: exampleOutputs }),
});
