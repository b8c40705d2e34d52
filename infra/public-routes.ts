/**
 * What API Gateway hands on to the gateways: the questions and answers of callers, which need an API key, and what says
 * nothing of an installation. `/metrics` and `/readyz` name models, releases and shares, so that they stay in the network.
 * A test holds this list against the gateway's own (test/infra/public-routes.test.ts).
 */
export const publicRoutes = [
  '/query',
  '/models/{model}/query',
  '/v1/chat/completions',
  '/feedback',
  '/outcome',
  '/items/{item}/summary',
  '/items/{item}/summary/feedback',
  '/healthz',
  '/openapi.json',
] as const;
