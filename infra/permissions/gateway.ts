import { findFacts } from './bedrock.js';
import { type Arns, below, encryption, keys, type Permission, tellsMissing } from './permission.js';

/** Where the gateway reads and writes in the store: it talks to strangers, so that it gets no more than it uses. */
export const gatewayPrefixes = {
  read: ['traffic', 'models', 'releases', 'telemetry', 'limits', 'requests', 'shadow', 'summaries'],
  write: ['telemetry', 'limits', 'requests', 'shadow'],
  remove: ['limits'],
} as const;

export const gateway = ({
  store,
  key,
  summaries,
  bedrock,
  embeddingModel,
}: Pick<Arns, 'store' | 'key' | 'summaries' | 'bedrock' | 'embeddingModel'>): Permission[] => [
  {
    id: 'ReadStore',
    actions: ['s3:GetObject'],
    resources: below({ bucket: store, prefixes: gatewayPrefixes.read }),
    because: keys,
  },
  {
    id: 'WriteStore',
    actions: ['s3:PutObject'],
    resources: below({ bucket: store, prefixes: gatewayPrefixes.write }),
    because: keys,
  },
  {
    id: 'RemoveFromStore',
    actions: ['s3:DeleteObject'],
    resources: below({ bucket: store, prefixes: gatewayPrefixes.remove }),
    because: keys,
  },
  tellsMissing('ListStore', [store]),
  encryption(key),
  { id: 'ReadSummaries', actions: ['dynamodb:GetItem'], resources: [summaries] },
  {
    id: 'AskReleases',
    actions: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream', 'bedrock:GetImportedModel'],
    resources: [`${bedrock}:imported-model/*`],
    because: 'releases are imported into Bedrock under ids of its own',
  },
  { id: 'Embed', actions: ['bedrock:InvokeModel'], resources: [embeddingModel] },
  findFacts(bedrock),
];
