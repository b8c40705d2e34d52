import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bucket } from './bucket.js';
import type { HostedEndpoints } from './endpoints.js';
import type { Respond } from './invocations.js';
import { ServiceError } from './service-error.js';

interface Queued {
  input: string;
  output: string;
  failure: string | null;
}

/** Questions to asynchronous endpoints: they wait in a queue for an instance, and their answers lie in S3. */
export class AsyncQueue {
  /** Every question that was taken, by its endpoint. */
  readonly taken: string[] = [];
  readonly #hosted: HostedEndpoints;
  readonly #bucket: Bucket;
  readonly #respond: () => Respond;
  readonly #waiting = new Map<string, Queued[]>();
  #work: Promise<void> = Promise.resolve();

  constructor({ hosted, bucket, respond }: { hosted: HostedEndpoints; bucket: Bucket; respond: () => Respond }) {
    this.#hosted = hosted;
    this.#bucket = bucket;
    this.#respond = respond;
  }

  /** Takes a question: 202 with where the answer, or what went wrong, will lie. */
  take({ request, endpoint }: { request: IncomingMessage; endpoint: string }): Queued & { id: string } {
    const paths = this.#hosted.asyncPaths(endpoint);
    if (paths === null)
      throw new ServiceError('ValidationError', `Endpoint ${endpoint} does not support asynchronous invocation.`);
    const input = request.headers['x-amzn-sagemaker-inputlocation'];
    if (typeof input !== 'string') throw new ServiceError('ValidationError', 'InputLocation is required');
    const id = randomUUID();
    const queued = {
      ...{ input, output: `${paths.output}/${id}.out` },
      failure: paths.failure === null ? null : `${paths.failure}/${id}-error.out`,
    };
    this.taken.push(endpoint);
    this.#waiting.set(endpoint, [...(this.#waiting.get(endpoint) ?? []), queued]);
    void this.run(endpoint);
    return { ...queued, id };
  }

  /** Answers what waits, once there is an instance; from none the endpoint's own scaling brings the first. */
  run(endpoint: string): Promise<void> {
    this.#work = this.#work.then(async () => {
      if ((this.#waiting.get(endpoint) ?? []).length === 0) return;
      const variant = await this.#hosted.instanceFor(endpoint);
      if (variant === null) return;
      const queued = this.#waiting.get(endpoint) ?? [];
      this.#waiting.delete(endpoint);
      for (const one of queued) await this.#answer({ ...one, variant });
    });
    return this.#work;
  }

  async close(): Promise<void> {
    await this.#work;
  }

  async #answer({ input, output, failure, variant }: Queued & { variant: string }): Promise<void> {
    const body = JSON.parse(await this.#bucket.text({ uri: input })) as Record<string, unknown>;
    const { status, parts } = await this.#respond()({ variant, body });
    const said = parts.join('');
    if (status === 200) return await this.#bucket.putText({ uri: output, text: said });
    const kind = status >= 500 ? 'server' : 'client';
    const text = `Received ${kind} error (${status}) from primary with message "${said}".`;
    if (failure !== null) await this.#bucket.putText({ uri: failure, text });
  }
}

/** The runtime's call by REST: the places travel in headers. */
export function answerAsync({
  response,
  taken: { id, output, failure },
}: {
  response: ServerResponse;
  taken: ReturnType<AsyncQueue['take']>;
}): void {
  response.writeHead(202, {
    'content-type': 'application/json',
    'x-amzn-sagemaker-outputlocation': output,
    ...(failure === null ? {} : { 'x-amzn-sagemaker-failurelocation': failure }),
  });
  response.end(JSON.stringify({ InferenceId: id }));
}
