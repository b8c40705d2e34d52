import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { answerAsync, type AsyncQueue } from './async-queue.js';
import type { HostedEndpoints } from './endpoints.js';
import { ServiceError } from './service-error.js';

interface Response {
  status: number;
  /** Lines of a stream one by one. */
  parts: string[];
}

/** What the server of a variant answers; in a transform job the variant is the model. */
export type Respond = (asked: { variant: string; body: Record<string, unknown> }) => Response | Promise<Response>;

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (said) => Buffer.from(said, 'utf8'),
);
const path = /^\/endpoints\/([^/]+)\/(invocations|invocations-response-stream|async-invocations)$/;

/** The runtime's calls, by REST: an answer at once, one in frames of an event stream, and one that comes into S3 later. */
export async function invoke({
  request,
  response,
  hosted,
  queue,
  respond,
}: {
  request: IncomingMessage;
  response: ServerResponse;
  hosted: HostedEndpoints;
  queue: AsyncQueue;
  respond: Respond;
}): Promise<void> {
  const [, endpoint = '', call = ''] = path.exec(request.url ?? '') ?? [];
  const named = request.headers['x-amzn-sagemaker-target-variant'];
  try {
    if (call === 'async-invocations') return answerAsync({ response, taken: queue.take({ request, endpoint }) });
    if (hosted.asyncPaths(endpoint) !== null)
      throw new ServiceError('ValidationError', `Endpoint ${endpoint} takes asynchronous invocations only.`);
    const variant = hosted.variantFor({ endpoint, named: typeof named === 'string' ? named : null });
    const body = JSON.parse(await text(request)) as Record<string, unknown>;
    const { status, parts } = await respond({ variant, body });
    if (status !== 200)
      return refuse(response, 424, 'ModelError', { OriginalStatusCode: status, OriginalMessage: parts.join('') });
    response.setHeader('x-amzn-invoked-production-variant', variant);
    if (call === 'invocations')
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(parts.join(''));
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    for (const part of parts) response.write(frame(part));
    response.end();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    refuse(response, 400, error.name, { Message: error.message });
  }
}

function refuse(response: ServerResponse, status: number, name: string, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': name });
  response.end(JSON.stringify(body));
}

function frame(part: string): Buffer {
  const header = (value: string) => ({ type: 'string' as const, value });
  return Buffer.from(
    codec.encode({
      headers: {
        ':message-type': header('event'),
        ':event-type': header('PayloadPart'),
        ':content-type': header('application/octet-stream'),
      },
      body: Buffer.from(part),
    }),
  );
}
