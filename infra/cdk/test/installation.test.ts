import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { expect } from 'chai';
import { parse } from 'yaml';
import { throttle } from '../../limits.js';
import { publicRoutes } from '../../public-routes.js';
import { outputNames, readOutputs, readSettings, type Settings } from '../../settings.js';
import { addInstallation, openApp } from '../lib/installation.js';

const path = '../settings.example.yaml';
const example = readSettings({ path, content: parse(readFileSync(path, 'utf8')) });
const clusterTemporal: Settings = { ...example, temporal: { kind: 'cluster', databaseClass: 'm7g.large' } };
const hosted = {
  image: `763104351884.dkr.ecr.eu-central-1.amazonaws.com/vllm@sha256:${'1'.repeat(64)}`,
  ...{ instanceType: 'ml.g5.2xlarge', offline: { most: 2 } },
};
const { gpus, endpoints } = readSettings({ path, content: { ...example, gpus: null, endpoints: hosted } });
const onEndpoints = { gpus, endpoints };
const folders: string[] = [];

/** Synthesises, with cdk-nag's findings as errors, and gives the templates. */
function templatesOf(settings: Settings): Record<'foundation' | 'cluster' | 'service', Template> {
  const outdir = mkdtempSync(join(tmpdir(), 'understudy-cdk-'));
  folders.push(outdir);
  const app = openApp({ outdir });
  const stacks = addInstallation({ app, settings });
  const { manifest } = app.synth();
  expect(manifest.missing ?? [], 'looked up in the account').to.deep.equal([]);
  return {
    foundation: Template.fromStack(stacks.foundation),
    cluster: Template.fromStack(stacks.cluster),
    service: Template.fromStack(stacks.service),
  };
}

interface Statement {
  Sid?: string;
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}
const many = <T>(one: T | T[]): T[] => (Array.isArray(one) ? one : [one]);
const statementsOf = (template: Template, type = 'AWS::IAM::Policy') =>
  Object.values(template.findResources(type)).flatMap(({ Properties }) => {
    const { PolicyDocument } = Properties as { PolicyDocument: { Statement: Statement[] } };
    return PolicyDocument.Statement;
  });
const typesOf = (template: Template): string[] =>
  Object.values((template.toJSON() as { Resources: Record<string, { Type: string }> }).Resources).map(
    ({ Type }) => Type,
  );

describe('an installation on AWS', function () {
  this.timeout(120_000);
  let templates: ReturnType<typeof templatesOf>;
  let all: Template[];
  before(() => {
    templates = templatesOf(example);
    all = Object.values(templates);
  });
  after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  it('synthesises without an account, by every rule of cdk-nag, with a Temporal of its own as well', () => {
    const { cluster } = templatesOf(clusterTemporal);
    cluster.hasResourceProperties('AWS::RDS::DBInstance', {
      StorageEncrypted: true,
      MultiAZ: true,
      PubliclyAccessible: false,
      DeletionProtection: true,
      BackupRetentionPeriod: 14,
    });
  });

  it("serves by SageMaker's endpoints under a role of their own, and asks them by a bridge that may do nothing else", () => {
    const { cluster } = templatesOf({ ...example, ...onEndpoints });
    cluster.hasResourceProperties('AWS::IAM::Role', { RoleName: 'understudy-serving' });
    cluster.hasResourceProperties('AWS::EKS::PodIdentityAssociation', { ServiceAccount: 'bridge' });
    cluster.hasOutput('ServingRoleArn', {});
    const passing = statementsOf(cluster).find(({ Sid }) => Sid === 'PassServingRole')!;
    expect(JSON.stringify(passing)).to.include('role/understudy-serving').and.to.include('sagemaker.amazonaws.com');
    const pulled = statementsOf(cluster).filter(({ Sid }) => Sid === 'PullImage');
    expect(JSON.stringify(pulled)).to.include('763104351884:repository/vllm');
  });

  it('has no user, no access key, and no function of CDK that could do more than these roles', () => {
    const types = all.flatMap(typesOf);
    expect(types.filter((type) => /^AWS::IAM::(User|AccessKey|Group)$/.test(type))).to.deep.equal([]);
    expect(types.filter((type) => type.startsWith('Custom::') || type === 'AWS::Lambda::Function')).to.deep.equal([]);
  });

  it('allows everything to nobody: no action of all, and on every resource nothing but looking', () => {
    const open = all
      .flatMap((template) => statementsOf(template))
      .filter(({ Resource }) => many(Resource).includes('*'));
    const looking = /^[a-z0-9-]+:(?:Describe|Get|List)/;
    // Figures have no resources; a condition holds them to one namespace.
    const figures = open.filter(({ Action }) => many(Action).join() === 'cloudwatch:PutMetricData');
    for (const { Condition } of figures) expect(JSON.stringify(Condition)).to.include('cloudwatch:namespace');
    const others = open.filter((one) => !figures.includes(one)).flatMap(({ Action }) => many(Action));
    expect(others.filter((action) => !looking.test(action))).to.deep.equal([]);
    const actions = all.flatMap((template) => statementsOf(template)).flatMap(({ Action }) => many(Action));
    expect(actions.filter((action) => action.includes('*'))).to.deep.equal([]);
  });

  it('gives pods their roles by Pod Identity, to this account and its clusters alone', () => {
    const { cluster } = templates;
    for (const serviceAccount of ['gateway', 'worker', 'monitoring'])
      cluster.hasResourceProperties('AWS::EKS::PodIdentityAssociation', {
        Namespace: 'understudy',
        ServiceAccount: serviceAccount,
      });
    const trusts = Object.values(cluster.findResources('AWS::IAM::Role'))
      .map(({ Properties }) =>
        JSON.stringify((Properties as { AssumeRolePolicyDocument: unknown }).AssumeRolePolicyDocument),
      )
      .filter((trust) => trust.includes('pods.eks.amazonaws.com'));
    expect(trusts).to.have.length(4);
    for (const trust of trusts) expect(trust).to.include('aws:SourceAccount').and.to.include('123456789012');
  });

  it('keeps every bucket closed, versioned, encrypted and behind TLS', () => {
    const { foundation } = templates;
    const buckets = Object.values(foundation.findResources('AWS::S3::Bucket'));
    expect(buckets).to.have.length(3);
    foundation.allResourcesProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    const refused = statementsOf(foundation, 'AWS::S3::BucketPolicy').filter(({ Effect }) => Effect === 'Deny');
    expect(refused.filter((one) => JSON.stringify(one).includes('aws:SecureTransport'))).to.have.length(3);
    foundation.resourcePropertiesCountIs('AWS::S3::Bucket', { VersioningConfiguration: { Status: 'Enabled' } }, 2);
    foundation.resourcePropertiesCountIs(
      'AWS::S3::Bucket',
      {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
          ],
        },
      },
      2,
    );
  });

  it('keeps old versions of what people wrote, and of what is written twice a second, for a day alone', () => {
    for (const Prefix of ['requests/', 'shadow/', 'ingest-stages/', 'datasets/', 'telemetry/', 'limits/', 'traffic/'])
      templates.foundation.hasResourceProperties('AWS::S3::Bucket', {
        LifecycleConfiguration: {
          Rules: Match.arrayWith([Match.objectLike({ Prefix, NoncurrentVersionExpiration: { NoncurrentDays: 1 } })]),
        },
      });
  });

  it('encrypts all that rests with one key that turns', () => {
    templates.foundation.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    templates.foundation.allResourcesProperties('AWS::SecretsManager::Secret', { KmsKeyId: Match.anyValue() });
    templates.foundation.allResourcesProperties('AWS::ECR::Repository', {
      EncryptionConfiguration: { EncryptionType: 'KMS' },
      ImageTagMutability: 'IMMUTABLE',
    });
    templates.foundation.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    });
    for (const template of all)
      for (const group of Object.values(template.findResources('AWS::Logs::LogGroup')))
        expect(group.Properties as object).to.include.keys('KmsKeyId', 'RetentionInDays');
  });

  it('has no value of a secret in a template, and none for what others give out', () => {
    const secrets = Object.values(templates.foundation.findResources('AWS::SecretsManager::Secret')).map(
      ({ Properties }) => Properties as { Name: string; SecretString?: string; GenerateSecretString?: object },
    );
    expect(secrets.filter(({ SecretString }) => SecretString !== undefined)).to.deep.equal([]);
    const empty = secrets.filter(({ GenerateSecretString }) => GenerateSecretString === undefined);
    expect(empty.map(({ Name }) => Name).sort()).to.deep.equal(
      ['gateway-keys', 'judge-api-key', 'payload-keys', 'temporal-api-key'].map((name) => `understudy/${name}`),
    );
  });

  it('has an API server without a public address, unless ranges are named', () => {
    const vpc = (over: object) => ({ ResourcesVpcConfig: Match.objectLike(over) });
    templates.cluster.hasResourceProperties(
      'AWS::EKS::Cluster',
      vpc({ EndpointPublicAccess: false, EndpointPrivateAccess: true, PublicAccessCidrs: Match.absent() }),
    );
    const opened = { ...example, kubernetes: { ...example.kubernetes, apiFrom: ['203.0.113.0/24'] } };
    templatesOf(opened).cluster.hasResourceProperties(
      'AWS::EKS::Cluster',
      vpc({ EndpointPublicAccess: true, PublicAccessCidrs: ['203.0.113.0/24'] }),
    );
  });

  it('lets nobody in from outside but through API Gateway, which throttles', () => {
    const { service } = templates;
    service.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal', Type: 'network' });
    service.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: Match.objectLike({
        ThrottlingRateLimit: throttle.perSecond,
        ThrottlingBurstLimit: throttle.burst,
      }),
    });
    for (const template of all)
      for (const [name, { Properties }] of [
        ...Object.entries(template.findResources('AWS::EC2::SecurityGroup')),
        ...Object.entries(template.findResources('AWS::EC2::SecurityGroupIngress')),
      ]) {
        const { SecurityGroupIngress = [], CidrIp } = Properties as {
          SecurityGroupIngress?: unknown[];
          CidrIp?: string;
        };
        expect(JSON.stringify([SecurityGroupIngress, CidrIp ?? null]), name).not.to.include('0.0.0.0/0');
      }
  });

  it('hands on what callers ask, and keeps figures and plans of the gateways in the network', () => {
    const routes = Object.values(templates.service.findResources('AWS::ApiGatewayV2::Route')).map(
      ({ Properties }) => (Properties as { RouteKey: string }).RouteKey,
    );
    expect(routes.sort()).to.deep.equal(publicRoutes.map((path) => `ANY ${path}`).sort());
    expect(routes.join()).not.to.match(/proxy|metrics|readyz/);
  });

  it('tells by a topic when the plan grows old, a lease lapses or the store refuses writes', () => {
    const { service } = templates;
    const alarms = Object.values(service.findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => Properties as { AlarmActions: unknown[]; Metrics?: { Expression?: string }[] },
    );
    expect(alarms).to.have.length(7);
    for (const { AlarmActions } of alarms) expect(AlarmActions).to.have.length(1);
    const asked = JSON.stringify(alarms);
    for (const metric of ['plan_age_seconds', 'plan_lease_lapsed', 'plan_refusals_total', 'store_write_failures_total'])
      expect(asked).to.include(`understudy_gateway_${metric}`);
    service.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });

  it('gives out all that the manifests are made with', () => {
    const outputs = (from: ReturnType<typeof templatesOf>) =>
      Object.fromEntries(
        Object.entries(from).map(([stack, template]) => [
          stack,
          Object.fromEntries(Object.keys(template.findOutputs('*')).map((name) => [name, 'value'])),
        ]),
      );
    expect(() => readOutputs({ path: 'outputs.json', content: outputs(templates) })).not.to.throw();
    const most = templatesOf({ ...clusterTemporal, ...onEndpoints });
    const names = Object.values(outputs(most)).flatMap((one) => Object.keys(one));
    expect(names).to.include.members(outputNames);
  });
});
