import type { DescribeTrainingJobResponse } from '@aws-sdk/client-sagemaker';
import { PortError, type TrainingRequest } from '../../activities/ports.js';
import { type Attempt, lacksCapacity } from './attempts.js';

/** Once no type of the list had capacity, the list is gone through again after this. */
const capacityPauseSeconds = 300;
/** An instance that may run for less only costs money. */
const leastSeconds = 60;
/** What the end of a job takes to be seen, so that the deadline is told as one, with what was spent. */
const endingSeconds = 120;
/** The longest run that SageMaker takes (API reference, StoppingCondition). */
const longestSeconds = 28 * 86_400;

type Prices = Readonly<Record<string, number>>;

export const billedSeconds = (job: DescribeTrainingJobResponse): number =>
  (job.BillableTimeInSeconds ?? 0) * (job.ResourceConfig?.InstanceCount ?? 1);

/** What the attempts cost so far, in US dollars: SageMaker has the spot discount in the seconds it bills. */
export const costSoFar = ({ attempts, prices }: { attempts: readonly Attempt[]; prices: Prices }): number =>
  attempts.reduce(
    (sum, { job }) => sum + (billedSeconds(job) * (prices[job.ResourceConfig?.InstanceType ?? ''] ?? 0)) / 3600,
    0,
  );

/**
 * The instance types to ask for, best first: in the spec's order, those that lacked capacity least often before the
 * others. Rejects with `Unavailable` while the pause after a whole round without capacity lasts.
 */
export function nextInstances({
  request,
  attempts,
  prices,
  now,
}: {
  request: TrainingRequest;
  attempts: readonly Attempt[];
  prices: Prices;
  now: Date;
}): string[] {
  const missed = (type: string): number =>
    attempts.filter((attempt) => attempt.job.ResourceConfig?.InstanceType === type && lacksCapacity(attempt)).length;
  const types = request.resources.instances.toSorted((a, b) => missed(a) - missed(b));
  const rounds = missed(types[0]!);
  const ended = attempts.at(-1)?.job.TrainingEndTime?.getTime();
  if (rounds > 0 && rounds === missed(types.at(-1)!) && ended !== undefined) {
    const left = ended + capacityPauseSeconds * 1000 - now.getTime();
    checkDeadline({ request, attempts, prices, now });
    if (left > 0)
      throw new PortError(
        'Unavailable',
        `training job ${request.jobName}: no capacity for ${types.join(', ')}, asked ${rounds} times each`,
        left,
      );
  }
  return types;
}

/**
 * How long the next attempt may run, and how long it may take with waiting for a spot instance. Rejects with
 * `TrainingFailed` where deadline or budget leave too little.
 */
export function planAttempt({
  request,
  attempts,
  instanceType,
  prices,
  now,
}: {
  request: TrainingRequest;
  attempts: readonly Attempt[];
  instanceType: string;
  prices: Prices;
  now: Date;
}): { maxSeconds: number; waitSeconds: number } {
  const { jobName, resources } = request;
  const spent = costSoFar({ attempts, prices });
  const secondsLeft = checkDeadline({ request, attempts, prices, now });
  const affordable = ((resources.budgetUsd - spent) * 3600) / prices[instanceType]!;
  if (affordable < leastSeconds)
    throw new PortError(
      'TrainingFailed',
      `training job ${jobName}: ${spent.toFixed(2)} of ${resources.budgetUsd} USD are spent after ${attempts.length} ` +
        `attempts; what is left does not pay ${leastSeconds} s of ${instanceType}`,
    );
  return {
    maxSeconds: Math.floor(Math.min(secondsLeft, affordable, longestSeconds)),
    waitSeconds: Math.min(secondsLeft, longestSeconds),
  };
}

/**
 * Rejects with `Unavailable` while other jobs use up the quota of every type that is asked for, with `TrainingFailed`
 * once the deadline, from `since` on, leaves too little.
 */
export function awaitQuota({
  request,
  attempts,
  prices,
  now,
  since,
  refused,
}: {
  request: TrainingRequest;
  attempts: readonly Attempt[];
  prices: Prices;
  now: Date;
  /** When an instance was first asked for. */
  since: Date;
  /** What SageMaker said of each type. */
  refused: readonly string[];
}): never {
  const why = refused.join('; ');
  checkDeadline({ request, attempts, prices, now, since, why });
  throw new PortError(
    'Unavailable',
    `training job ${request.jobName}: other jobs use up the account's quota of ${request.resources.instances.join(', ')} (${why})`,
    capacityPauseSeconds * 1000,
  );
}

/** The seconds until the deadline, which runs from the first attempt on, or from `since`. */
function checkDeadline({
  request: { jobName, resources },
  attempts,
  prices,
  now,
  since = now,
  why = null,
}: {
  request: TrainingRequest;
  attempts: readonly Attempt[];
  prices: Prices;
  now: Date;
  since?: Date;
  why?: string | null;
}): number {
  const begun = attempts[0]?.job.CreationTime ?? since;
  const left = Math.floor((begun.getTime() - now.getTime()) / 1000) + resources.deadlineSeconds - endingSeconds;
  if (left >= leastSeconds) return left;
  const reasons = attempts.map(({ name, job }) => `${name}: ${job.FailureReason ?? job.SecondaryStatus ?? '?'}`);
  if (why !== null) reasons.push(why);
  throw new PortError(
    'TrainingFailed',
    `training job ${jobName}: not done by its deadline ${resources.deadlineSeconds} s after its start, ` +
      `in ${attempts.length} attempts, ${costSoFar({ attempts, prices }).toFixed(2)} USD so far (${reasons.join('; ')})`,
  );
}
