import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateTransformJobCommand,
  type CreateTransformJobRequest,
  DescribeTransformJobCommand,
  type DescribeTransformJobResponse,
  ListTagsCommand,
  type SageMakerClient,
  StopTransformJobCommand,
} from '@aws-sdk/client-sagemaker';
import { PortError } from '../../activities/ports.js';
import { awsErrorOf, awsFailure } from '../aws/aws-failure.js';
import { modelTag } from '../sagemaker-endpoint/endpoint-plan.js';
import { questionsTag } from './batch-plan.js';
import { readDataLog, type Spoilt } from './data-log.js';

/** An account's other jobs end in minutes. */
const quotaMilliseconds = 60_000;

export const isOver = ({ TransformJobStatus: status }: DescribeTransformJobResponse): boolean =>
  status === 'Completed' || status === 'Failed' || status === 'Stopped';

/** SageMaker says so where it found no instance of the type. */
export const lacksInstances = ({
  TransformJobStatus: status,
  FailureReason: why,
}: DescribeTransformJobResponse): boolean =>
  status === 'Failed' && /^(CapacityError|InsufficientCapacity)/.test(why ?? '');

/** The calls that transform jobs need. Every failure is a `PortError`; get or create. */
export class TransformJobs {
  readonly #client: SageMakerClient;
  readonly #logs: CloudWatchLogsClient;

  constructor({ client, logs }: { client: SageMakerClient; logs: CloudWatchLogsClient }) {
    this.#client = client;
    this.#logs = logs;
  }

  /** Null where SageMaker knows none of this name, or not yet. */
  async find(job: string): Promise<DescribeTransformJobResponse | null> {
    try {
      return await this.#client.send(new DescribeTransformJobCommand({ TransformJobName: job }));
    } catch (error) {
      if (isUnknown(error)) return null;
      throw awsFailure({ what: `looking for transform job ${job}`, error });
    }
  }

  /** One that is there stays; whose it is shows in its tags. */
  async create(request: CreateTransformJobRequest): Promise<void> {
    const what = `starting transform job ${request.TransformJobName}`;
    try {
      await this.#client.send(new CreateTransformJobCommand(request));
    } catch (error) {
      const { name } = awsErrorOf(error);
      if (name === 'ResourceInUse') return;
      const said = `${what}: ${name}: ${(error as Error).message}`;
      // A quota of none stays none; one that others use up is free again.
      if (name === 'ResourceLimitExceeded' && !/\bis 0 Instances\b/.test(said))
        throw new PortError('Unavailable', said, quotaMilliseconds, { cause: error });
      throw awsFailure({ what, error });
    }
  }

  /** Rejects where a job of this name is not the model's, or asks other questions. */
  async checkOwner({
    found,
    model,
    digest,
  }: {
    found: DescribeTransformJobResponse;
    model: string;
    digest: string;
  }): Promise<void> {
    const job = found.TransformJobName;
    const { Tags } = await this.#client
      .send(new ListTagsCommand({ ResourceArn: found.TransformJobArn }))
      .catch((error: unknown) => {
        throw awsFailure({ what: `reading the tags of transform job ${job}`, error });
      });
    for (const [key, expected] of [
      [modelTag, model],
      [questionsTag, digest],
    ] as const) {
      const said = Tags?.find(({ Key }) => Key === key)?.Value;
      if (said !== expected)
        throw new PortError(
          'InvalidInput',
          `transform job ${job}: belongs to somebody else (its tag ${key} is ${said ?? 'missing'}, expected ${expected}); rename the model`,
        );
    }
  }

  /** Asks SageMaker to stop a job; one that is over, or was never there, is no error. */
  async stop(job: string): Promise<void> {
    try {
      await this.#client.send(new StopTransformJobCommand({ TransformJobName: job }));
    } catch (error) {
      if (!isUnknown(error) && awsErrorOf(error).name !== 'ValidationException')
        throw awsFailure({ what: `stopping transform job ${job}`, error });
    }
  }

  /** What was said of files that have no answers, by the file's name; null where the log can't be read. */
  async spoilt(job: string): Promise<ReadonlyMap<string, Spoilt> | null> {
    return await readDataLog({ logs: this.#logs, job });
  }
}

/** SageMaker answers a name it does not know with a validation error; the reference names `ResourceNotFound`. */
function isUnknown(error: unknown): boolean {
  const { name } = awsErrorOf(error);
  const message = error instanceof Error ? error.message : '';
  return name === 'ResourceNotFound' || (name === 'ValidationException' && /could not find|not found/i.test(message));
}
