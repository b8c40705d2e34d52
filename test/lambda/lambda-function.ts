import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { ArtifactStore } from '../../src/activities/ports.js';
import type { GatewaySettings } from '../../src/config/gateway-settings.js';
import { systemClock, type Clock } from '../../src/gateway/clock.js';
import { SuspendedGateway } from '../../src/gateway/suspended-gateway.js';
import {
  httpApiHandler,
  type HttpApiEvent,
  type HttpApiHandler,
  type HttpApiResponse,
} from '../../src/lambda/api-gateway.js';
import type { Answering, GatewayWorld } from '../gateway/support/gateway-world.js';

/** The function over a world, as Lambda would call it. */
export async function openFunction(input: {
  world: GatewayWorld;
  settings?: Partial<GatewaySettings>;
  store?: ArtifactStore;
  clock?: Clock;
}): Promise<HttpApiHandler> {
  const { world, settings, store = world.store, clock = systemClock } = input;
  const gateway = new SuspendedGateway({ settings: world.settings(settings), store, clock });
  await gateway.app.ready();
  return httpApiHandler({ gateway });
}

/** The function behind an HTTP API, asked as a caller of that API asks. */
export const behindHttpApi = (handler: HttpApiHandler): Answering => ({
  inject: async (request) => answerOf(await handler(eventOf(request), {})),
});

/** A request as an HTTP API hands it on: names of headers in small letters, a body of bytes in base64. */
export function eventOf(request: InjectOptions | string): HttpApiEvent {
  const { method = 'GET', url = '/', headers = {}, payload } = typeof request === 'string' ? { url: request } : request;
  const { pathname, search } = new URL(url, 'https://api.example.com');
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: Object.fromEntries(lower) as Record<string, string>,
    requestContext: { stage: '$default', http: { method, path: pathname, sourceIp: '192.0.2.1' } },
    ...(payload === undefined ? {} : { body: payload }),
    isBase64Encoded: false,
  };
}

const answerOf = ({ statusCode, headers, body, isBase64Encoded }: HttpApiResponse): LightMyRequestResponse => {
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
  return {
    statusCode,
    headers,
    body: text,
    json: () => JSON.parse(text) as never,
  } as unknown as LightMyRequestResponse;
};
