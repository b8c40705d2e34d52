import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from '../../settings.js';

/**
 * A network in the zones that the settings name: public subnets for NAT gateways alone, private ones for nodes and
 * training jobs, and ones without a way out for databases. S3 and DynamoDB are reached without leaving it.
 */
export class Network extends Construct {
  readonly vpc: ec2.Vpc;
  /** Training jobs: they reach S3 and CloudWatch, and nobody reaches them. */
  readonly trainingSecurityGroup: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, { settings, key }: { settings: Settings; key: IKey }) {
    super(scope, id);
    const flowLog = new LogGroup(this, 'FlowLog', {
      encryptionKey: key,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      vpcName: settings.name,
      ipAddresses: ec2.IpAddresses.cidr(settings.cidr),
      availabilityZones: settings.zones,
      natGateways: settings.natGateways,
      // It would take a function of CDK's own to empty the default group; nothing of ours is in it.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
        { name: 'data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 26 },
      ],
      gatewayEndpoints: {
        s3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
        dynamodb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
      },
      flowLogs: { all: { destination: ec2.FlowLogDestination.toCloudWatchLogs(flowLog) } },
    });
    this.trainingSecurityGroup = new ec2.SecurityGroup(this, 'Training', {
      vpc: this.vpc,
      description: 'Training jobs of Understudy',
      allowAllOutbound: false,
    });
    this.trainingSecurityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'S3 and CloudWatch');
  }

  get privateSubnetIds(): string[] {
    return this.vpc.privateSubnets.map(({ subnetId }) => subnetId);
  }

  get privateRanges(): string[] {
    return this.vpc.privateSubnets.map(({ ipv4CidrBlock }) => ipv4CidrBlock);
  }
}
