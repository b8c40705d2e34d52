import { Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks';
import { ManagedPolicy, Role, ServicePrincipal, SessionTagsPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from '../../settings.js';
import { accept } from './accept.js';

/** What Auto Mode asks of its two roles: AWS's own policies, which it extends as Auto Mode learns more. */
const clusterPolicies = [
  'AmazonEKSClusterPolicy',
  'AmazonEKSComputePolicy',
  'AmazonEKSBlockStoragePolicy',
  'AmazonEKSLoadBalancingPolicy',
  'AmazonEKSNetworkingPolicy',
];
const nodePolicies = ['AmazonEKSWorkerNodeMinimalPolicy', 'AmazonEC2ContainerRegistryPullOnly'];

/**
 * A cluster in Auto Mode: AWS runs the nodes, their network, disks and load balancers. The pool of GPU nodes is an
 * object of Kubernetes (infra/kubernetes/nodes.ts). Plain CloudFormation, without CDK's functions that apply manifests:
 * they would run under a role that may do anything in the cluster.
 */
export class Cluster extends Construct {
  readonly name: string;
  readonly arn: string;
  readonly securityGroupId: string;
  readonly #cluster: eks.CfnCluster;

  constructor(
    scope: Construct,
    id: string,
    { settings, subnetIds, key }: { settings: Settings; subnetIds: readonly string[]; key: IKey },
  ) {
    super(scope, id);
    const { name, kubernetes } = settings;
    const clusterRole = new Role(this, 'Role', {
      assumedBy: new SessionTagsPrincipal(new ServicePrincipal('eks.amazonaws.com')),
      managedPolicies: clusterPolicies.map((policy) => ManagedPolicy.fromAwsManagedPolicyName(policy)),
    });
    const nodeRole = new Role(this, 'NodeRole', {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: nodePolicies.map((policy) => ManagedPolicy.fromAwsManagedPolicyName(policy)),
    });
    for (const [role, policies] of [
      [clusterRole, clusterPolicies],
      [nodeRole, nodePolicies],
    ] as const)
      for (const policy of policies)
        accept({
          construct: role,
          rule: `IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`,
          reason: 'EKS Auto Mode asks for exactly this policy of AWS, and extends it as it learns more',
        });
    // Made before EKS makes one that keeps everything for ever.
    const log = new LogGroup(this, 'Log', {
      logGroupName: `/aws/eks/${name}/cluster`,
      encryptionKey: key,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const isPublic = kubernetes.apiFrom.length > 0;
    this.#cluster = new eks.CfnCluster(this, 'Cluster', {
      name,
      version: kubernetes.version,
      roleArn: clusterRole.roleArn,
      deletionProtection: true,
      bootstrapSelfManagedAddons: false,
      accessConfig: { authenticationMode: 'API', bootstrapClusterCreatorAdminPermissions: false },
      computeConfig: { enabled: true, nodePools: ['general-purpose', 'system'], nodeRoleArn: nodeRole.roleArn },
      storageConfig: { blockStorage: { enabled: true } },
      kubernetesNetworkConfig: { ipFamily: 'ipv4', elasticLoadBalancing: { enabled: true } },
      resourcesVpcConfig: {
        subnetIds: [...subnetIds],
        endpointPrivateAccess: true,
        endpointPublicAccess: isPublic,
        ...(isPublic ? { publicAccessCidrs: kubernetes.apiFrom } : {}),
      },
      encryptionConfig: [{ provider: { keyArn: key.keyArn }, resources: ['secrets'] }],
      logging: {
        clusterLogging: {
          enabledTypes: ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'].map((type) => ({ type })),
        },
      },
      upgradePolicy: { supportType: 'STANDARD' },
    });
    if (isPublic)
      accept({
        construct: this.#cluster,
        rule: 'EKS1',
        reason: 'The settings name the ranges that may reach it; callers still sign in by their role',
      });
    this.#cluster.node.addDependency(log);
    this.name = this.#cluster.ref;
    this.arn = this.#cluster.attrArn;
    this.securityGroupId = this.#cluster.attrClusterSecurityGroupId;
    kubernetes.administrators.forEach((principalArn, index) => this.#administrator({ principalArn, index }));
  }

  /** An add-on of EKS in the version that fits the cluster's; `configuration` by the add-on's own schema. */
  addOn({
    name,
    roleOf = {},
    configuration,
  }: {
    name: string;
    /** The ARN of the role of each service account of the add-on that needs one. */
    roleOf?: Readonly<Record<string, string>>;
    configuration?: unknown;
  }): void {
    new eks.CfnAddon(this, `AddOn-${name}`, {
      clusterName: this.name,
      addonName: name,
      resolveConflicts: 'OVERWRITE',
      ...(configuration === undefined ? {} : { configurationValues: JSON.stringify(configuration) }),
      podIdentityAssociations: Object.entries(roleOf).map(([serviceAccount, roleArn]) => ({ serviceAccount, roleArn })),
    });
  }

  /** Gives pods of a service account a role. */
  associate({
    namespace,
    serviceAccount,
    roleArn,
  }: {
    namespace: string;
    serviceAccount: string;
    roleArn: string;
  }): void {
    new eks.CfnPodIdentityAssociation(this, `Identity-${namespace}-${serviceAccount}`, {
      clusterName: this.name,
      namespace,
      serviceAccount,
      roleArn,
    });
  }

  #administrator({ principalArn, index }: { principalArn: string; index: number }): void {
    const policyArn = Fn.join('', [
      `arn:${Stack.of(this).partition}:eks::aws:cluster-access-policy/`,
      'AmazonEKSClusterAdminPolicy',
    ]);
    new eks.CfnAccessEntry(this, `Administrator${index}`, {
      clusterName: this.name,
      principalArn,
      accessPolicies: [{ policyArn, accessScope: { type: 'cluster' } }],
    });
  }
}
