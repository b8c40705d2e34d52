import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';

import { accept } from './accept.js';

export const databasePort = 5433;

/** PostgreSQL for a Temporal of one's own: releases in flight live in it, so it stands twice and is kept for two weeks. */
export class Database extends Construct {
  readonly instance: rds.DatabaseInstance;

  constructor(
    scope: Construct,
    id: string,
    {
      vpc,
      key,
      instanceClass,
      clusterSecurityGroupId,
    }: { vpc: ec2.IVpc; key: IKey; instanceClass: string; clusterSecurityGroupId: string },
  ) {
    super(scope, id);
    const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_17_9 });
    this.instance = new rds.DatabaseInstance(this, 'Instance', {
      engine,
      instanceType: new ec2.InstanceType(instanceClass),
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      port: databasePort,
      multiAz: true,
      publiclyAccessible: false,
      storageEncrypted: true,
      storageEncryptionKey: key,
      storageType: rds.StorageType.GP3,
      allocatedStorage: 50,
      maxAllocatedStorage: 500,
      credentials: rds.Credentials.fromGeneratedSecret('temporal', {
        encryptionKey: key,
        excludeCharacters: ' %+~`#$&*()|[]{}:;<>?!\'/@"\\=^,',
      }),
      parameters: { 'rds.force_ssl': '1' },
      iamAuthentication: true,
      backupRetention: Duration.days(14),
      deleteAutomatedBackups: false,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.SNAPSHOT,
      copyTagsToSnapshot: true,
      cloudwatchLogsExports: ['postgresql', 'upgrade'],
      autoMinorVersionUpgrade: true,
    });
    this.instance.connections.allowFrom(
      ec2.SecurityGroup.fromSecurityGroupId(this, 'Pods', clusterSecurityGroupId, { mutable: false }),
      ec2.Port.tcp(databasePort),
      'Temporal in the cluster',
    );
    accept({
      construct: this.instance.node.findChild('Secret'),
      rule: 'SMG4',
      reason:
        'Temporal reads its password at start: changed by hand with a restart, as docs/aws-infrastructure.md says',
    });
  }
}
