/** The port that gateways listen on in the cluster. */
export const gatewayPort = 8080;

/** The port of the bridge to SageMaker's endpoints. */
export const bridgePort = 8088;

/** What API Gateway lets through, over all callers; each API key has a limit of its own behind it. */
export const throttle = { perSecond: 100, burst: 200 } as const;

/** Milliseconds. API Gateway gives up after 30 s, so the gateway must have answered before, its second attempt included. */
export const timeouts = { attempt: 14_000, request: 28_500, apiGateway: 30_000 } as const;

/** Milliseconds of a pod's end: until no load balancer sends it anything, then until open requests are answered. */
export const ending = { forget: 15_000, drain: 30_000 } as const;

/** Where the gateways' figures stand in CloudWatch. */
export const metricsNamespace = 'Understudy/Gateway';
