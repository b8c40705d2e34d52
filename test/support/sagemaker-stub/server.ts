import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { S3Client } from '@aws-sdk/client-s3';
import { AsyncQueue } from './async-queue.js';
import { Bucket } from './bucket.js';
import { HostedEndpoints } from './endpoints.js';
import { invoke, type Respond } from './invocations.js';
import { ServiceError } from './service-error.js';
import { TrainingJobs } from './training-jobs.js';
import { TransformJobs } from './transform-jobs.js';

type Answer = (input: never) => unknown;

/**
 * SageMaker's training jobs, transform jobs and endpoints, and the parts of CloudWatch Logs and Application Auto Scaling that belong to
 * them, over the AWS JSON 1.1 protocol on loopback; invocations by REST. README.md lists what it does as AWS does, and what it leaves out.
 */
export class SageMakerStub {
  readonly jobs: TrainingJobs;
  readonly hosted = new HostedEndpoints();
  readonly queue: AsyncQueue;
  readonly transforms: TransformJobs;
  /** What variants answer. */
  respond: Respond = () => ({ status: 503, parts: ['nobody answers'] });
  /** Every call in its order, `CreateTrainingJob` and so on. */
  readonly calls: string[] = [];
  /** So many of the next calls are throttled. */
  throttled = 0;
  /** Every so many-th call is throttled; null for none. */
  throttleEvery: number | null = null;
  throttledCalls = 0;
  /** What every call is refused with; null for none. */
  refusal: { name: string; message: string } | null = null;
  /** What single calls are refused with, by `SageMaker.CreateEndpoint` and so on. */
  refuses: Record<string, { name: string; message: string }> = {};
  /** What the replies of single calls wait for, once they have taken effect. */
  repliesAfter: Record<string, Promise<void>> = {};
  readonly #answers: Readonly<Record<string, Answer>>;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor({ s3, command }: { s3: S3Client; command: readonly string[] }) {
    const bucket = new Bucket({ client: s3 });
    const jobs = new TrainingJobs({ bucket, command });
    this.jobs = jobs;
    this.queue = new AsyncQueue({ hosted: this.hosted, bucket, respond: () => this.respond });
    const { hosted } = this;
    const transforms = new TransformJobs({ bucket, hosted, respond: () => this.respond });
    this.transforms = transforms;
    this.#answers = {
      'SageMaker.CreateTrainingJob': jobs.create.bind(jobs),
      'SageMaker.DescribeTrainingJob': jobs.describe.bind(jobs),
      'SageMaker.StopTrainingJob': jobs.stop.bind(jobs),
      'SageMaker.ListTags': (input: { ResourceArn: string }) =>
        hosted.tags(input) ?? transforms.tags(input) ?? jobs.tags(input),
      'SageMaker.CreateTransformJob': transforms.create.bind(transforms),
      'SageMaker.DescribeTransformJob': transforms.describe.bind(transforms),
      'SageMaker.ListTransformJobs': transforms.list.bind(transforms),
      'SageMaker.StopTransformJob': transforms.stop.bind(transforms),
      'SageMaker.CreateModel': hosted.createModel.bind(hosted),
      'SageMaker.DeleteModel': hosted.deleteModel.bind(hosted),
      'SageMaker.CreateEndpointConfig': hosted.createConfig.bind(hosted),
      'SageMaker.DescribeEndpointConfig': hosted.describeConfig.bind(hosted),
      'SageMaker.ListEndpointConfigs': hosted.listConfigs.bind(hosted),
      'SageMaker.DeleteEndpointConfig': hosted.deleteConfig.bind(hosted),
      'SageMaker.CreateEndpoint': hosted.createEndpoint.bind(hosted),
      'SageMaker.DescribeEndpoint': hosted.describeEndpoint.bind(hosted),
      'SageMaker.UpdateEndpoint': hosted.updateEndpoint.bind(hosted),
      'SageMaker.UpdateEndpointWeightsAndCapacities': hosted.weigh.bind(hosted),
      'SageMaker.DeleteEndpoint': hosted.deleteEndpoint.bind(hosted),
      'AnyScaleFrontendService.RegisterScalableTarget': hosted.register.bind(hosted),
      'AnyScaleFrontendService.PutScalingPolicy': hosted.putPolicy.bind(hosted),
      'AnyScaleFrontendService.DeregisterScalableTarget': hosted.deregister.bind(hosted),
      'Logs_20140328.DescribeLogStreams': this.#streams.bind(this),
      'Logs_20140328.GetLogEvents': this.#events.bind(this),
    };
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await Promise.all([this.jobs.close(), this.hosted.close(), this.queue.close(), this.transforms.close()]);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** A training job writes one stream, and each instance of a transform job one of its own and one of its data. */
  #streams({
    logGroupName: group,
    logStreamNamePrefix: prefix,
  }: {
    logGroupName: string;
    logStreamNamePrefix: string;
  }) {
    const names = isOfTransforms(group)
      ? [...this.transforms.logs.keys()].flatMap((name) => [`${name}/i-0a-1`, `${name}/i-0a-1/data-log`])
      : [...this.jobs.logs.keys()].map((name) => `${name}/algo-1-1700000000`);
    return { logStreams: names.filter((name) => name.startsWith(prefix)).map((logStreamName) => ({ logStreamName })) };
  }

  #events({
    logGroupName: group,
    logStreamName,
    limit = 10_000,
  }: {
    logGroupName: string;
    logStreamName: string;
    limit?: number;
  }) {
    const name = logStreamName.split('/')[0]!;
    const lines = (isOfTransforms(group) ? this.transforms.logs : this.jobs.logs).get(name) ?? [];
    return { events: lines.slice(-limit).map((message) => ({ message })), nextForwardToken: 'f/0' };
  }

  #isThrottled(): boolean {
    if (this.throttled === 0) return this.throttleEvery !== null && this.calls.length % this.throttleEvery === 0;
    this.throttled -= 1;
    return true;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.startsWith('/endpoints/')) {
      const { hosted, queue, respond } = this;
      return invoke({ request, response, hosted, queue, respond });
    }
    const target = String(request.headers['x-amz-target']);
    this.calls.push(target.split('.')[1] ?? target);
    try {
      const input: unknown = JSON.parse(await text(request));
      if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256'))
        throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token');
      if (this.#isThrottled()) {
        this.throttledCalls += 1;
        throw new ServiceError('ThrottlingException', 'Rate exceeded');
      }
      const refusal = this.refusal ?? this.refuses[target];
      if (refusal) throw new ServiceError(refusal.name, refusal.message);
      const answer = this.#answers[target];
      if (!answer) throw new ServiceError('UnknownOperationException', target);
      const reply = answer(input as never);
      await this.repliesAfter[target];
      send(response, 200, reply);
    } catch (error) {
      const { name, message } = error as Error;
      send(response, error instanceof ServiceError ? 400 : 500, { __type: name, message });
    }
  }
}

const isOfTransforms = (group: string): boolean => group === '/aws/sagemaker/TransformJobs';

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}
