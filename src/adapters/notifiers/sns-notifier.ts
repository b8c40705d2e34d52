import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { createHash } from 'node:crypto';
import { type Notification, type Notifier, PortError } from '../../activities/ports.js';
import { failureTypeOf, networkFailure } from '../http-failure.js';

const timeoutMilliseconds = 10_000;
/** SNS takes subjects of up to 100 characters of ASCII, on one line. */
const subjectCharacters = 100;

const subjectOf = (text: string): string =>
  text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, subjectCharacters) || 'Understudy';

const throttled = /^(?:Throttl|RequestLimitExceeded|TooManyRequests)/;

function failureOf({ what, error }: { what: string; error: unknown }): PortError {
  if (!(error instanceof Error)) return networkFailure({ what, error });
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const message = `${what}: ${error.name}: ${error.message}`;
  if (error.name === 'CredentialsProviderError')
    return new PortError(
      'Unauthorised',
      `${message}; give the worker a role, or credentials that AWS's own chain finds`,
      null,
      { cause: error },
    );
  if (throttled.test(error.name)) return new PortError('RateLimited', message, null, { cause: error });
  if (status === undefined) return networkFailure({ what, error });
  return new PortError(failureTypeOf(status), message, null, { cause: error });
}

/** Publishes to a topic of SNS, in the topic's own region, by the credentials that AWS's own chain finds. */
export class SnsNotifier implements Notifier {
  readonly #topic: string;
  readonly #client: SNSClient;

  constructor({ topic, endpoint }: { topic: string; endpoint?: string }) {
    this.#topic = topic;
    this.#client = new SNSClient({
      region: topic.split(':')[3]!,
      // Temporal retries.
      maxAttempts: 1,
      ...(endpoint === undefined ? {} : { endpoint }),
    });
  }

  async notify({ key, severity, title, body, model, releaseId }: Notification): Promise<void> {
    const text = (value: string) => ({ DataType: 'String', StringValue: value });
    const fifo = this.#topic.endsWith('.fifo')
      ? { MessageGroupId: model, MessageDeduplicationId: createHash('sha256').update(key).digest('hex') }
      : {};
    const command = new PublishCommand({
      TopicArn: this.#topic,
      Subject: subjectOf(`[${severity}] ${title}`),
      Message: `${title}\n\n${body}\n\n${key}`,
      MessageAttributes: {
        severity: text(severity),
        model: text(model),
        ...(releaseId === null ? {} : { release: text(releaseId) }),
      },
      ...fifo,
    });
    try {
      await this.#client.send(command, { abortSignal: AbortSignal.timeout(timeoutMilliseconds) });
    } catch (error) {
      throw failureOf({ what: `SNS topic ${this.#topic.split(':').at(-1)}`, error });
    }
  }
}
