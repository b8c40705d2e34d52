import { createHash } from 'node:crypto';

/** SageMaker's limit on names of jobs, endpoints, variants and models. */
const limit = 63;
const digestCharacters = 8;

/**
 * A name as SageMaker takes it: the same for the same text, of letters, digits and hyphens, 63 characters at most. The
 * digest keeps names apart that differ only in what SageMaker does not take.
 */
export function shortName({ text, suffix = '' }: { text: string; suffix?: string }): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, digestCharacters);
  const end = `-${digest}${suffix}`;
  const words = text
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .slice(0, limit - end.length)
    .replace(/^-+|-+$/g, '');
  return `${words}${end}`.replace(/^-+/, '');
}

/** SageMaker's name of an attempt at a job. */
export const attemptName = ({ jobName, number }: { jobName: string; number: number }): string =>
  shortName({ text: jobName, suffix: `-${number}` });
