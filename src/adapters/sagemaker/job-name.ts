import { createHash } from 'node:crypto';

/** SageMaker's limit on the name of a job. */
const limit = 63;
const digestCharacters = 8;

/**
 * SageMaker's name of an attempt at a job: the same for the same job, of letters, digits and hyphens, 63 characters at
 * most. The digest keeps names apart that differ only in what SageMaker does not take.
 */
export function attemptName({ jobName, number }: { jobName: string; number: number }): string {
  const digest = createHash('sha256').update(jobName).digest('hex').slice(0, digestCharacters);
  const end = `-${digest}-${number}`;
  const words = jobName
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .slice(0, limit - end.length)
    .replace(/^-+|-+$/g, '');
  return `${words}${end}`.replace(/^-+/, '');
}
