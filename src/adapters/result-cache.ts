import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ArtifactStore } from '../activities/ports.js';
import type { ResultCache } from '../activities/result-cache-port.js';
import { DynamodbResultCache } from './dynamodb/dynamodb-result-cache.js';
import { StoreResultCache } from './store-result-cache/store-result-cache.js';

/**
 * The cache of summaries: a DynamoDB table where one is named, else the artifact store. Region, credentials and endpoint
 * of DynamoDB are those of the AWS SDK.
 */
export const openResultCache = ({ table, store }: { table: string | null; store: ArtifactStore }): ResultCache =>
  table === null
    ? new StoreResultCache({ store })
    : new DynamodbResultCache({ client: new DynamoDBClient({ maxAttempts: 1 }), table });
