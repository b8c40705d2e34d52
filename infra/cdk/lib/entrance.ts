import { Tags } from 'aws-cdk-lib';
import { type HttpApi, VpcLink } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpNlbIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { gatewayPort } from '../../limits.js';
import { accept } from './accept.js';
import { publicApi } from './public-api.js';

/**
 * How callers reach the gateways: API Gateway, which throttles, then a link into the network, then a load balancer
 * without a public address. Kubernetes enters the pods into its target group (infra/kubernetes/gateway.ts).
 */
export class Entrance extends Construct {
  readonly api: HttpApi;
  readonly targetGroup: elb.NetworkTargetGroup;
  readonly loadBalancer: elb.NetworkLoadBalancer;

  constructor(
    scope: Construct,
    id: string,
    {
      vpc,
      clusterName,
      clusterSecurityGroupId,
      key,
    }: { vpc: ec2.IVpc; clusterName: string; clusterSecurityGroupId: string; key: IKey },
  ) {
    super(scope, id);
    const linkGroup = new ec2.SecurityGroup(this, 'Link', {
      vpc,
      description: 'Link of API Gateway',
      allowAllOutbound: false,
    });
    const balancerGroup = new ec2.SecurityGroup(this, 'Balancer', {
      vpc,
      description: 'Load balancer before the gateways',
      allowAllOutbound: false,
    });
    const pods = ec2.SecurityGroup.fromSecurityGroupId(this, 'Pods', clusterSecurityGroupId);
    const port = ec2.Port.tcp(gatewayPort);
    linkGroup.addEgressRule(balancerGroup, port, 'to the load balancer');
    balancerGroup.addIngressRule(linkGroup, port, 'from API Gateway');
    balancerGroup.addEgressRule(pods, port, 'to the gateways');
    new ec2.CfnSecurityGroupIngress(this, 'PodsFromBalancer', {
      groupId: clusterSecurityGroupId,
      sourceSecurityGroupId: balancerGroup.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: gatewayPort,
      toPort: gatewayPort,
      description: 'gateways from their load balancer',
    });
    this.targetGroup = new elb.NetworkTargetGroup(this, 'Targets', {
      vpc,
      port: gatewayPort,
      protocol: elb.Protocol.TCP,
      targetType: elb.TargetType.IP,
      preserveClientIp: false,
      healthCheck: { protocol: elb.Protocol.HTTP, path: '/readyz' },
    });
    // Auto Mode's load balancing may only touch what carries its cluster's name.
    Tags.of(this.targetGroup).add('eks:eks-cluster-name', clusterName);
    this.loadBalancer = new elb.NetworkLoadBalancer(this, 'LoadBalancer', {
      vpc,
      internetFacing: false,
      crossZoneEnabled: true,
      deletionProtection: true,
      securityGroups: [balancerGroup],
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    });
    accept({
      construct: this.loadBalancer,
      rule: 'ELB2',
      reason: 'It logs TLS listeners alone; requests are in the log of API Gateway, connections in that of the network',
    });
    const listener = this.loadBalancer.addListener('Listener', {
      port: gatewayPort,
      protocol: elb.Protocol.TCP,
      defaultTargetGroups: [this.targetGroup],
    });
    const vpcLink = new VpcLink(this, 'VpcLink', {
      vpc,
      subnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [linkGroup],
    });
    const integration = new HttpNlbIntegration('Gateways', listener, { vpcLink });
    this.api = publicApi({ scope: this, integration, key });
  }
}
