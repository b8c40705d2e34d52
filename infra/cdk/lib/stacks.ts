import { type App, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { type Arns, permissions } from '../../permissions/index.js';
import { secretsFor } from '../../secrets.js';
import { bucketNames, serviceAccounts, summariesTable, temporalNamespace, workloadsNamespace } from '../../names.js';
import type { Outputs, Settings } from '../../settings.js';
import { Alarms } from './alarms.js';
import { Cluster } from './cluster.js';
import { dashboard } from './dashboard.js';
import { Database } from './database.js';
import { encryptionKey } from './encryption-key.js';
import { Entrance } from './entrance.js';
import { Network } from './network.js';
import { podRole, serviceRole } from './roles.js';
import { Secrets } from './secrets.js';
import { Storage } from './storage.js';

type OutputName = keyof Outputs;

/** A stack of one installation, and the outputs that the Kubernetes manifests are made with. */
class InstallationStack extends Stack {
  readonly #zones: string[];

  constructor(app: App, id: string, settings: Settings, description: string) {
    const { name, account, region } = settings;
    super(app, `${name}-${id}`, { env: { account, region }, description, terminationProtection: true });
    Tags.of(this).add('understudy:installation', name);
    this.#zones = settings.zones;
  }

  /** Those of the settings, in place of asking the account. */
  override get availabilityZones(): string[] {
    return this.#zones;
  }

  protected give(name: OutputName, value: string): void {
    new CfnOutput(this, name, { value });
  }
}

/** What outlives everything: network, key, buckets, table, images, secrets, the topic of notifications. */
export class FoundationStack extends InstallationStack {
  readonly key: Key;
  readonly network: Network;
  readonly storage: Storage;
  readonly secrets: Secrets;
  readonly topic: Topic;

  constructor(app: App, settings: Settings) {
    super(app, 'foundation', settings, 'Understudy: network, storage, images, secrets');
    this.key = encryptionKey({ scope: this, name: `alias/${settings.name}` });
    this.network = new Network(this, 'Network', { settings, key: this.key });
    this.storage = new Storage(this, 'Storage', { settings, key: this.key });
    this.secrets = new Secrets(this, 'Secrets', { settings, key: this.key });
    this.topic = new Topic(this, 'Notifications', {
      topicName: `${settings.name}-notifications`,
      masterKey: this.key,
      enforceSSL: true,
    });
    for (const address of settings.alarms) this.topic.addSubscription(new EmailSubscription(address));
    this.give('StoreBucket', this.storage.store.bucketName);
    this.give('ModelsBucket', this.storage.models.bucketName);
    this.give('KeyArn', this.key.keyArn);
    this.give('SummariesTable', this.storage.summaries.tableName);
    this.give('TrainingSubnets', this.network.privateSubnetIds.join(','));
    this.give('TrainingSecurityGroup', this.network.trainingSecurityGroup.securityGroupId);
    this.give('LoadBalancerRanges', this.network.privateRanges.join(','));
    this.give('NotificationTopicArn', this.topic.topicArn);
  }
}

/** The cluster, and who in it may do what. */
export class ClusterStack extends InstallationStack {
  readonly cluster: Cluster;

  constructor(app: App, settings: Settings, foundation: FoundationStack) {
    super(app, 'cluster', settings, 'Understudy: EKS and roles');
    const { key, network, secrets } = foundation;
    this.cluster = new Cluster(this, 'Cluster', { settings, subnetIds: network.privateSubnetIds, key });
    const arns = this.#arns({ settings, foundation });
    const training = serviceRole({
      scope: this,
      id: 'TrainingRole',
      service: 'sagemaker.amazonaws.com',
      description: 'Training jobs of Understudy',
      roleName: `${settings.name}-training`,
      permissions: permissions.training(arns),
    });
    const modelImport = serviceRole({
      scope: this,
      id: 'ModelImportRole',
      service: 'bedrock.amazonaws.com',
      roleName: `${settings.name}-model-import`,
      description: 'Imports of releases into Bedrock',
      permissions: permissions.modelImport(arns),
    });
    if (settings.endpoints !== null) {
      const serving = serviceRole({
        scope: this,
        id: 'ServingRole',
        service: 'sagemaker.amazonaws.com',
        roleName: `${settings.name}-serving`,
        description: "SageMaker's endpoints of Understudy",
        permissions: permissions.serving(arns),
      });
      this.give('ServingRoleArn', serving.roleArn);
    }
    const bridges = settings.endpoints === null ? [] : (['bridge'] as const);
    for (const process of ['gateway', 'worker', ...bridges] as const) {
      const names = secretsFor({ settings, process }).map(({ name }) => name);
      const role = podRole({
        scope: this,
        id: `${process}Role`,
        roleName: `${settings.name}-${process}`,
        description: `Pods of Understudy's ${process}`,
        permissions: [
          ...permissions[process](arns),
          {
            id: 'ReadSecrets',
            actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
            resources: secrets.arnsOf(names),
          },
        ],
      });
      const serviceAccount = serviceAccounts[process];
      this.cluster.associate({ namespace: workloadsNamespace, serviceAccount, roleArn: role.roleArn });
    }
    const monitoring = podRole({
      scope: this,
      id: 'MonitoringRole',
      roleName: `${settings.name}-monitoring`,
      description: 'The CloudWatch agent that reads the gateways',
      permissions: permissions.monitoring(arns),
    });
    const serviceAccount = serviceAccounts.monitoring;
    this.cluster.associate({ namespace: workloadsNamespace, serviceAccount, roleArn: monitoring.roleArn });
    const volumes = podRole({
      scope: this,
      id: 'VolumesRole',
      roleName: `${settings.name}-volumes`,
      description: 'The CSI driver of S3, which gives vLLM weights and adapters',
      permissions: permissions.volumes(arns),
    });
    this.cluster.addOn({ name: 'aws-mountpoint-s3-csi-driver', roleOf: { 's3-csi-driver-sa': volumes.roleArn } });
    this.cluster.addOn({
      name: 'aws-secrets-store-csi-driver-provider',
      configuration: { 'secrets-store-csi-driver': { syncSecret: { enabled: true }, enableSecretRotation: true } },
    });
    this.cluster.addOn({ name: 'metrics-server' });
    if (settings.temporal.kind === 'cluster')
      this.#database({ settings, foundation, instanceClass: settings.temporal.databaseClass });
    this.give('TrainingRoleArn', training.roleArn);
    this.give('ModelImportRoleArn', modelImport.roleArn);
  }

  /** By names that the settings give, so that a policy can be read without looking anything up. */
  #arns({ settings, foundation: { key } }: { settings: Settings; foundation: FoundationStack }): Arns {
    const { partition } = this;
    const { name, account, region } = settings;
    const regional = (service: string) => `arn:${partition}:${service}:${region}:${account}`;
    const bucket = (bucketName: string) => `arn:${partition}:s3:::${bucketName}`;
    return {
      store: bucket(bucketNames(settings).store),
      models: bucket(bucketNames(settings).models),
      key: key.keyArn,
      summaries: `${regional('dynamodb')}:table/${summariesTable(settings)}`,
      trainingRole: `arn:${partition}:iam::${account}:role/${name}-training`,
      importRole: `arn:${partition}:iam::${account}:role/${name}-model-import`,
      serving: this.#servingArns(settings),
      trainingImage: `${regional('ecr')}:repository/${name}/training`,
      topic: `${regional('sns')}:${name}-notifications`,
      sageMaker: regional('sagemaker'),
      logs: regional('logs'),
      ec2: regional('ec2'),
      cloudWatch: regional('cloudwatch'),
      bedrock: regional('bedrock'),
      embeddingModel: `arn:${partition}:bedrock:${region}::foundation-model/amazon.titan-embed-text-v2:0`,
      clusterName: name,
      dataBuckets: settings.dataBuckets.map(bucket),
    };
  }

  #servingArns({ endpoints, name, account }: Settings): Arns['serving'] {
    if (endpoints === null) return null;
    const { partition } = this;
    const [, owner, region, repository] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+\/([^@]+)@/.exec(endpoints.image)!;
    const scaling = 'sagemaker.application-autoscaling.amazonaws.com';
    return {
      role: `arn:${partition}:iam::${account}:role/${name}-serving`,
      image: `arn:${partition}:ecr:${region}:${owner}:repository/${repository}`,
      scalingRole: `arn:${partition}:iam::${account}:role/aws-service-role/${scaling}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`,
    };
  }

  #database({
    settings,
    foundation: { network, key },
    instanceClass,
  }: {
    settings: Settings;
    foundation: FoundationStack;
    instanceClass: string;
  }): void {
    const { vpc } = network;
    const { securityGroupId: clusterSecurityGroupId } = this.cluster;
    const { instance } = new Database(this, 'Database', { vpc, key, instanceClass, clusterSecurityGroupId });
    const role = podRole({
      scope: this,
      id: 'TemporalRole',
      roleName: `${settings.name}-temporal`,
      description: "Temporal's pods: the password of their database",
      permissions: [
        {
          id: 'ReadPassword',
          actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
          resources: [instance.secret!.secretArn],
        },
        {
          id: 'Decryption',
          actions: ['kms:Decrypt'],
          resources: [key.keyArn],
        },
      ],
    });
    const serviceAccount = serviceAccounts.temporal;
    this.cluster.associate({ namespace: temporalNamespace, serviceAccount, roleArn: role.roleArn });
    this.give('DatabaseAddress', `${instance.dbInstanceEndpointAddress}:${instance.dbInstanceEndpointPort}`);
    this.give('DatabaseSecretArn', instance.secret!.secretArn);
  }
}

/** The way in, alarms and the dashboard. */
export class ServiceStack extends InstallationStack {
  constructor(app: App, settings: Settings, foundation: FoundationStack, { cluster }: ClusterStack) {
    super(app, 'service', settings, 'Understudy: API Gateway, alarms, dashboard');
    const entrance = new Entrance(this, 'Entrance', {
      vpc: foundation.network.vpc,
      clusterName: settings.name,
      clusterSecurityGroupId: cluster.securityGroupId,
      key: foundation.key,
    });
    const serverErrors = entrance.api.metricServerError({ statistic: 'Sum' });
    const alarms = new Alarms(this, 'Alarms', {
      topic: foundation.topic,
      serverErrors,
      unhealthyHosts: entrance.targetGroup.metrics.unHealthyHostCount(),
    });
    dashboard({
      scope: this,
      name: settings.name,
      alarms: alarms.all,
      entrance: {
        requests: entrance.api.metricCount({ statistic: 'Sum' }),
        serverErrors,
        latency: entrance.api.metricLatency({ statistic: 'p95' }),
      },
      summaries: [foundation.storage.summaries.metricThrottledRequestsForOperation('GetItem')],
    });
    this.give('GatewayTargetGroupArn', entrance.targetGroup.targetGroupArn);
    this.give('Address', entrance.api.apiEndpoint);
  }
}

/** All stacks of an installation, in the order in which they are deployed. */
export function addStacks({ app, settings }: { app: App; settings: Settings }): Stacks {
  const foundation = new FoundationStack(app, settings);
  const cluster = new ClusterStack(app, settings, foundation);
  const service = new ServiceStack(app, settings, foundation, cluster);
  return { foundation, cluster, service };
}

export interface Stacks {
  foundation: FoundationStack;
  cluster: ClusterStack;
  service: ServiceStack;
}
