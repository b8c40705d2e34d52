import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { expect } from 'chai';
import { parse } from 'yaml';
import { throttle } from '../../limits.js';
import { publicRoutes } from '../../public-routes.js';
import { readSmallSettings } from '../../small-settings.js';
import { addSmall, openApp } from '../lib/installation.js';

const path = '../small.example.yaml';

describe('the small deployment on Lambda', function () {
  this.timeout(120_000);
  let folder: string;
  let template: Template;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'understudy-small-'));
    const packed = join(folder, 'package');
    mkdirSync(packed);
    writeFileSync(join(packed, 'package.json'), '{}');
    const content = { ...(parse(readFileSync(path, 'utf8')) as object), package: packed };
    const app = openApp({ outdir: join(folder, 'out') });
    // With cdk-nag's findings as errors.
    const stack = addSmall({ app, settings: readSmallSettings({ path, content }) });
    const { manifest } = app.synth();
    expect(manifest.missing ?? [], 'looked up in the account').to.deep.equal([]);
    template = Template.fromStack(stack);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('hands on what callers ask to the function, throttled', () => {
    const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(
      ({ Properties }) => (Properties as { RouteKey: string }).RouteKey,
    );
    expect(routes.sort()).to.deep.equal(publicRoutes.map((one) => `ANY ${one}`).sort());
    template.allResourcesProperties('AWS::ApiGatewayV2::Integration', {
      IntegrationType: 'AWS_PROXY',
      PayloadFormatVersion: '2.0',
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: Match.objectLike({
        ThrottlingRateLimit: throttle.perSecond,
        ThrottlingBurstLimit: throttle.burst,
      }),
    });
  });

  it('runs the packed handler with the store of the stack, and within the time of API Gateway', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'dist/lambda/handler.handler',
      Timeout: 29,
      Environment: { Variables: Match.objectLike({ BEDROCK_REGION: 'eu-central-1' }) },
      KmsKeyArn: Match.anyValue(),
    });
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  it('may do what a gateway may, and no more', () => {
    const policies = Object.values(template.findResources('AWS::IAM::Policy')) as {
      Properties: { PolicyDocument: { Statement: { Sid: string; Action: string | string[]; Resource: unknown }[] } };
    }[];
    const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    expect(statements.map(({ Sid }) => Sid)).to.have.members([
      ...['ReadStore', 'WriteStore', 'RemoveFromStore', 'ListStore', 'Encryption', 'ReadSummaries', 'AskReleases'],
      ...['Embed', 'FindFacts', 'WriteLog'],
    ]);
    expect(JSON.stringify(statements)).not.to.match(/"Resource":"\*"|:\*"[,\]]?"Effect"|iam:|"s3:\*"/);
    template.resourceCountIs('AWS::IAM::Role', 1);
    template.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
  });

  it('refuses settings with every problem at once', () => {
    expect(() => readSmallSettings({ path: 'mine.yaml', content: { account: 'mine', atOnce: 0 } })).to.throw(
      /mine\.yaml: \d problems[^]*account: expected[^]*region/,
    );
  });
});
