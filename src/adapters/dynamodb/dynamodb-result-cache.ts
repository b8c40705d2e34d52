import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type FailureType, PortError } from '../../activities/ports.js';
import type { ResultCache } from '../../activities/result-cache-port.js';
import { parseJson } from '../../domain/parse-json.js';
import { sha256Hex } from '../../domain/release/evidence.js';
import { storedSummarySchema, type StoredSummary } from '../../domain/summaries/stored-summary.js';
import { failureTypeOf, networkFailure } from '../http-failure.js';

/**
 * Summaries in a DynamoDB table with the partition key `id` (text) and time to live on `expires` (seconds since 1970).
 * DynamoDB removes what has expired within days, so that every read looks at the time itself.
 */
export class DynamodbResultCache implements ResultCache {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;
  readonly #now: () => string;

  constructor({
    client,
    table,
    now = () => new Date().toISOString(),
  }: {
    /** Without retries of its own: Temporal retries. */
    client: Pick<DynamoDBClient, 'send'>;
    table: string;
    /** ISO 8601. */
    now?: () => string;
  }) {
    this.#client = client;
    this.#table = table;
    this.#now = now;
  }

  async put({ summary }: { summary: StoredSummary }): Promise<{ written: boolean }> {
    const command = new PutItemCommand({
      TableName: this.#table,
      Item: {
        id: { S: idOf(summary) },
        run: { S: summary.run },
        expires: { N: String(Math.ceil(Date.parse(summary.expiresAt) / 1000)) },
        summary: { S: JSON.stringify(summary) },
      },
      ConditionExpression: 'attribute_not_exists(id) OR #run <= :run',
      ExpressionAttributeNames: { '#run': 'run' },
      ExpressionAttributeValues: { ':run': { S: summary.run } },
    });
    try {
      await this.#client.send(command);
      return { written: true };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { written: false };
      throw this.#failure(error);
    }
  }

  async get({ family, item }: { family: string; item: string }): Promise<StoredSummary | null> {
    const command = new GetItemCommand({ TableName: this.#table, Key: { id: { S: idOf({ family, item }) } } });
    try {
      const { Item } = await this.#client.send(command);
      const parsed = storedSummarySchema.safeParse(parseJson(Item?.['summary']?.S ?? ''));
      return parsed.success && parsed.data.expiresAt > this.#now() ? parsed.data : null;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async remove({ family, item }: { family: string; item: string }): Promise<void> {
    const command = new DeleteItemCommand({ TableName: this.#table, Key: { id: { S: idOf({ family, item }) } } });
    try {
      await this.#client.send(command);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(error: unknown): PortError {
    const what = `DynamoDB table ${this.#table}`;
    if (!(error instanceof DynamoDBServiceException)) return networkFailure({ what, error });
    const type = throttled.has(error.name) ? 'RateLimited' : (typeByName[error.name] ?? statusType(error));
    return new PortError(type, `${what}: ${error.name}: ${error.message}`, null, { cause: error });
  }
}

const throttled: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

/** DynamoDB answers 400 to all of these. */
const typeByName: Readonly<Record<string, FailureType>> = {
  ResourceNotFoundException: 'NotFound',
  AccessDeniedException: 'Unauthorised',
  UnrecognizedClientException: 'Unauthorised',
  ExpiredTokenException: 'Unauthorised',
};

const statusType = ({ $metadata }: DynamoDBServiceException): FailureType =>
  failureTypeOf($metadata.httpStatusCode ?? 500);

/** DynamoDB takes partition keys of 2,048 bytes; the digest of a longer one stands for it. */
const longestId = 2048;

/** One text for family and item; a family has no "/". */
function idOf({ family, item }: { family: string; item: string }): string {
  const id = `${family}/${item}`;
  return Buffer.byteLength(id) <= longestId ? id : `${family}/sha256:${sha256Hex(item)}`;
}
