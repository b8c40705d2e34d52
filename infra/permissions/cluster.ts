import { type Arns, keys, type Permission, tellsMissing } from './permission.js';

/** The log group that the agent writes figures into. */
export const figuresLog = (clusterName: string): string => `/understudy/${clusterName}/figures`;

/** What vLLM's volumes may read, by the CSI driver of S3: weights and adapters, never data of people. */
export const volumes = ({ store, models, key }: Arns): Permission[] => [
  {
    id: 'ReadWeights',
    actions: ['s3:GetObject'],
    resources: [`${models}/*`, `${store}/releases/*/adapter/*`],
    because: keys,
  },
  tellsMissing('ListBuckets', [store, models]),
  {
    id: 'Decryption',
    actions: ['kms:Decrypt'],
    resources: [key],
    because: 'S3 asks for the key in the name of the caller',
  },
];

/** The CloudWatch agent: figures travel as lines of one log group, which CloudWatch makes metrics of. */
export const monitoring = ({ logs, clusterName }: Arns): Permission[] => [
  {
    id: 'WriteFigures',
    actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    resources: [
      `${logs}:log-group:${figuresLog(clusterName)}`,
      `${logs}:log-group:${figuresLog(clusterName)}:log-stream:*`,
    ],
    because: 'the agent names its streams',
  },
];
