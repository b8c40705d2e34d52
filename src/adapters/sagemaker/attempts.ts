import {
  DescribeTrainingJobCommand,
  type DescribeTrainingJobResponse,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { awsErrorOf, awsFailure } from '../aws/aws-failure.js';
import { attemptName } from './job-name.js';

/** One training job of SageMaker: an attempt at a job of ours. */
export interface Attempt {
  number: number;
  name: string;
  job: DescribeTrainingJobResponse;
}

/** SageMaker says so where it found no instance of the type; nothing has been billed then. */
export const lacksCapacity = ({ job }: Attempt): boolean =>
  job.TrainingJobStatus === 'Failed' && /^(CapacityError|InsufficientCapacity)/.test(job.FailureReason ?? '');

/** What SageMaker itself got wrong is tried again, but not for ever. */
const mostOwnFailures = 3;

const failedByItself = ({ job }: Attempt): boolean =>
  job.TrainingJobStatus === 'Failed' && (job.FailureReason ?? '').startsWith('InternalServerError');

/**
 * Whether another attempt may do better than the last, which failed: no instance was to be had, or SageMaker failed by
 * itself, whose own words are to try again.
 */
export function isWorthAnother(attempts: readonly Attempt[]): boolean {
  const last = attempts.at(-1);
  if (last === undefined) return false;
  if (lacksCapacity(last)) return true;
  return failedByItself(last) && attempts.filter(failedByItself).length < mostOwnFailures;
}

export const hasEnded = ({ job }: Attempt): boolean =>
  job.TrainingJobStatus === 'Completed' || job.TrainingJobStatus === 'Failed' || job.TrainingJobStatus === 'Stopped';

/** SageMaker answers a name it does not know with a validation error. */
export const isUnknownJob = (error: unknown): boolean => {
  const { name } = awsErrorOf(error);
  const message = error instanceof Error ? error.message : '';
  return name === 'ResourceNotFound' || (name === 'ValidationException' && /not found/i.test(message));
};

/**
 * Reads the attempts at jobs. An attempt that has ended is asked for once; the newest again when the answer is older
 * than `freshMilliseconds`.
 */
export class Attempts {
  readonly #client: SageMakerClient;
  readonly #freshMilliseconds: number;
  readonly #now: () => Date;
  readonly #known = new Map<string, { attempt: Attempt; at: number }>();

  constructor({
    client,
    freshMilliseconds,
    now,
  }: {
    client: SageMakerClient;
    freshMilliseconds: number;
    now: () => Date;
  }) {
    this.#client = client;
    this.#freshMilliseconds = freshMilliseconds;
    this.#now = now;
  }

  /** All attempts at a job, from the first on; none where it was never started. */
  async of({ jobName }: { jobName: string }): Promise<Attempt[]> {
    const attempts: Attempt[] = [];
    for (let number = 1; ; number += 1) {
      const attempt = await this.#look({ jobName, number });
      if (attempt === null) return attempts;
      attempts.push(attempt);
      if (!hasEnded(attempt)) return attempts;
    }
  }

  /** Makes the next look at an attempt ask SageMaker. */
  forget({ name }: { name: string }): void {
    this.#known.delete(name);
  }

  async #look({ jobName, number }: { jobName: string; number: number }): Promise<Attempt | null> {
    const name = attemptName({ jobName, number });
    const known = this.#known.get(name);
    const at = this.#now().getTime();
    if (known && (hasEnded(known.attempt) || at - known.at < this.#freshMilliseconds)) return known.attempt;
    try {
      const job = await this.#client.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
      const attempt = { number, name, job };
      this.#known.set(name, { attempt, at });
      return attempt;
    } catch (error) {
      if (isUnknownJob(error)) return null;
      throw awsFailure({ what: `looking for training job ${name}`, error });
    }
  }
}
