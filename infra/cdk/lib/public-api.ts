import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnRoute,
  HttpApi,
  HttpMethod,
  type HttpRouteIntegration,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { throttle } from '../../limits.js';
import { publicRoutes } from '../../public-routes.js';
import { accept } from './accept.js';

/** An API of API Gateway that hands on what callers ask, throttled and with a log. */
export function publicApi({
  scope,
  integration,
  key,
}: {
  scope: Construct;
  integration: HttpRouteIntegration;
  key: IKey;
}): HttpApi {
  const api = new HttpApi(scope, 'Api', { description: 'Gateways of Understudy', createDefaultStage: false });
  // Every method: the gateway says itself which of them a path knows.
  for (const path of publicRoutes) api.addRoutes({ path, methods: [HttpMethod.ANY], integration });
  for (const construct of api.node.findAll().filter((one) => one instanceof CfnRoute))
    accept({ construct, rule: 'APIG4', reason: 'The gateways ask for an API key of their own, by model and scope' });
  const log = new LogGroup(scope, 'Log', {
    encryptionKey: key,
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new HttpStage(scope, 'Stage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    detailedMetricsEnabled: true,
    throttle: { rateLimit: throttle.perSecond, burstLimit: throttle.burst },
    accessLogSettings: { destination: new LogGroupLogDestination(log), format: AccessLogFormat.clf() },
  });
  return api;
}
