import { type App, CfnOutput, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { summariesTable } from '../../names.js';
import { type Permission, permissions } from '../../permissions/index.js';
import type { SmallSettings } from '../../small-settings.js';
import { accept } from './accept.js';
import { encryptionKey } from './encryption-key.js';
import { publicApi } from './public-api.js';
import { functionRole } from './roles.js';
import { Storage } from './storage.js';

/** What a function may wait for: its own limit on a request is 27 s. */
const longest = Duration.seconds(29);
/** Lambda gives processor time by memory; this is over half a core. */
const memoryMegabytes = 1024;

/** The small deployment: a store, the gateway as a function, and API Gateway before it. No network, no cluster. */
export class SmallStack extends Stack {
  constructor(app: App, settings: SmallSettings) {
    const { name, account, region } = settings;
    super(app, name, {
      env: { account, region },
      description: 'Understudy: the gateway on Lambda',
      terminationProtection: true,
    });
    Tags.of(this).add('understudy:installation', name);
    const key = encryptionKey({ scope: this, name: `alias/${name}` });
    const storage = new Storage(this, 'Storage', { settings, key });
    const logGroupName = `/aws/lambda/${name}-gateway`;
    const logGroup = new LogGroup(this, 'FunctionLog', {
      logGroupName,
      encryptionKey: key,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const handler = new LambdaFunction(this, 'Gateway', {
      functionName: `${name}-gateway`,
      description: 'The gateway of Understudy',
      runtime: Runtime.NODEJS_22_X,
      architecture: Architecture.X86_64,
      code: Code.fromAsset(settings.package),
      handler: 'dist/lambda/handler.handler',
      memorySize: memoryMegabytes,
      timeout: longest,
      role: functionRole({
        scope: this,
        id: 'GatewayRole',
        roleName: `${name}-gateway`,
        description: 'The gateway of Understudy on Lambda',
        permissions: this.#permissions({ settings, key: key.keyArn, log: logGroupName }),
      }),
      logGroup,
      environment: {
        UNDERSTUDY_STORE: `s3://${storage.store.bucketName}`,
        UNDERSTUDY_SUMMARIES_TABLE: storage.summaries.tableName,
        BEDROCK_REGION: region,
      },
      environmentEncryption: key,
      ...(settings.atOnce === null ? {} : { reservedConcurrentExecutions: settings.atOnce }),
    });
    accept({
      construct: handler,
      rule: 'L1',
      reason: 'The newest runtime that the tests run on; .github/workflows/ci.yml names them',
    });
    const api = publicApi({ scope: this, integration: new HttpLambdaIntegration('Gateway', handler), key });
    new CfnOutput(this, 'Address', { value: api.apiEndpoint });
    new CfnOutput(this, 'Store', { value: `s3://${storage.store.bucketName}` });
  }

  /** Those of a gateway in a cluster, and to write its own log. */
  #permissions({ settings, key, log }: { settings: SmallSettings; key: string; log: string }): Permission[] {
    const { partition } = this;
    const { name, account, region } = settings;
    const regional = (service: string) => `arn:${partition}:${service}:${region}:${account}`;
    return [
      ...permissions.gateway({
        store: `arn:${partition}:s3:::${name}-store-${account}-${region}`,
        key,
        summaries: `${regional('dynamodb')}:table/${summariesTable(settings)}`,
        bedrock: regional('bedrock'),
        embeddingModel: `arn:${partition}:bedrock:${region}::foundation-model/amazon.titan-embed-text-v2:0`,
      }),
      {
        id: 'WriteLog',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [`${regional('logs')}:log-group:${log}:*`],
        because: 'Lambda names the streams of its processes',
      },
    ];
  }
}
