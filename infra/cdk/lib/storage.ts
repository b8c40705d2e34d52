import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { bucketNames, type Place, summariesTable } from '../../names.js';

/** Written anew many times a minute: a version of each write would soon cost more than everything else. */
const rewritten = ['telemetry/', 'limits/', 'traffic/'];
/** Holds what people wrote: gone means gone, within a day. */
const personal = ['requests/', 'shadow/', 'ingest-stages/', 'datasets/'];

/** Questions that could wait and their answers; what a release leaves goes with it, what was lost goes in time. */
const waiting = 'offline/';

export const repositoryNames = ['gateway', 'worker', 'training', 'mlflow'] as const;

/** Buckets, the table of summaries and the repositories of images. All outlive the stack. */
export class Storage extends Construct {
  readonly store: s3.Bucket;
  readonly models: s3.Bucket;
  readonly summaries: TableV2;
  readonly repositories: Readonly<Record<(typeof repositoryNames)[number], ecr.Repository>>;

  constructor(scope: Construct, id: string, { settings, key }: { settings: Place; key: IKey }) {
    super(scope, id);
    const { name } = settings;
    const names = bucketNames(settings);
    const closed = {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
    };
    const accessLog = new s3.Bucket(this, 'AccessLog', {
      ...closed,
      bucketName: names.accessLog,
      // What S3 delivers logs to can't have a key of ours.
      encryption: s3.BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(90) }],
    });
    const bucket = (which: 'store' | 'models', lifecycleRules: s3.LifecycleRule[]) =>
      new s3.Bucket(this, which, {
        ...closed,
        bucketName: names[which],
        encryption: s3.BucketEncryption.KMS,
        encryptionKey: key,
        bucketKeyEnabled: true,
        versioned: true,
        serverAccessLogsBucket: accessLog,
        serverAccessLogsPrefix: `${which}/`,
        lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(2) }, ...lifecycleRules],
      });
    this.store = bucket('store', [
      ...[...rewritten, ...personal].map((prefix) => ({ prefix, noncurrentVersionExpiration: Duration.days(1) })),
      { prefix: waiting, expiration: Duration.days(7), noncurrentVersionExpiration: Duration.days(1) },
      { noncurrentVersionExpiration: Duration.days(30), expiredObjectDeleteMarker: true },
      {
        prefix: 'releases/',
        transitions: [{ storageClass: s3.StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(30) }],
      },
    ]);
    this.models = bucket('models', [{ noncurrentVersionExpiration: Duration.days(30) }]);
    this.summaries = new TableV2(this, 'Summaries', {
      tableName: summariesTable(settings),
      partitionKey: { name: 'id', type: AttributeType.STRING },
      timeToLiveAttribute: 'expires',
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.customerManagedKey(key),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.repositories = Object.fromEntries(
      repositoryNames.map((image) => [image, this.#repository({ name: `${name}/${image}`, key })]),
    ) as Record<(typeof repositoryNames)[number], ecr.Repository>;
  }

  #repository({ name, key }: { name: string; key: IKey }): ecr.Repository {
    return new ecr.Repository(this, `Repository${name.split('/').at(-1)!}`, {
      repositoryName: name,
      imageScanOnPush: true,
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      encryption: ecr.RepositoryEncryption.KMS,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ description: 'Thirty versions to go back to', maxImageCount: 30 }],
    });
  }
}
