import awsLambdaFastify from '@fastify/aws-lambda';
import type { SuspendedGateway } from '../gateway/suspended-gateway.js';

/** What is read here of a request of an HTTP API (API Gateway Developer Guide, payload format version 2.0). */
export interface HttpApiEvent {
  version: string;
  rawPath: string;
  requestContext: { stage: string; [name: string]: unknown };
  [name: string]: unknown;
}

/** An answer for an HTTP API. */
export interface HttpApiResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: boolean;
  cookies?: string[];
}

export type HttpApiHandler = (event: HttpApiEvent, context: object) => Promise<HttpApiResponse>;

/** The gateway as a function behind an HTTP API. Every answer goes out after what it counts has been written. */
export function httpApiHandler({ gateway }: { gateway: SuspendedGateway }): HttpApiHandler {
  const answer = awsLambdaFastify(gateway.app, { decorateRequest: false });
  return async (event, context) => {
    if (event.version !== '2.0')
      throw new Error(
        `payload format version ${event.version}: expected 2.0; set it on the integration of the HTTP API`,
      );
    const own = { ...event, rawPath: withoutStage(event) };
    return await gateway.around(async () => (await answer(own, context)) as HttpApiResponse);
  };
}

/** A stage other than `$default` stands before the path, where the API has no domain of its own. */
function withoutStage({ rawPath, requestContext: { stage } }: HttpApiEvent): string {
  const prefix = `/${stage}`;
  return rawPath === prefix || rawPath.startsWith(`${prefix}/`) ? rawPath.slice(prefix.length) || '/' : rawPath;
}
