import { expect } from 'chai';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { SnsNotifier } from '../../src/adapters/notifiers/sns-notifier.js';
import { startMoto } from '../support/moto-server.js';
import { notification } from './notifier-contract.js';
import { expectPortError } from './support/expect-port-error.js';
import { startScriptedServer } from './support/scripted-server.js';

interface Published {
  message: string;
  subject: string;
  attributes: Record<string, { Value: string }>;
}

describe('SnsNotifier', function () {
  this.timeout(60_000);
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let environment: Record<string, string | undefined>;
  const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  before(async () => {
    environment = Object.fromEntries(Object.keys(credentials).map((name) => [name, process.env[name]]));
    Object.assign(process.env, credentials);
    moto = await startMoto();
  });
  after(async () => {
    for (const [name, value] of Object.entries(environment))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    await moto?.stop();
  });

  async function topic(name: string): Promise<string> {
    const client = new SNSClient({ endpoint: moto.endpoint, region: 'eu-central-1' });
    const attributes = name.endsWith('.fifo') ? { Attributes: { FifoTopic: 'true' } } : {};
    const { TopicArn } = await client.send(new CreateTopicCommand({ Name: name, ...attributes }));
    client.destroy();
    return TopicArn!;
  }

  /** What moto notes of every publication. */
  async function published(arn: string): Promise<Published[]> {
    const response = await fetch(`${moto.endpoint}/moto-api/data.json`);
    const data = (await response.json()) as { sns: { Topic: { arn: string; sent_notifications: unknown[][] }[] } };
    const found = data.sns.Topic.find((one) => one.arn === arn)?.sent_notifications ?? [];
    return found.map(([, message, subject, attributes]) => ({
      message: message as string,
      subject: subject as string,
      attributes: attributes as Published['attributes'],
    }));
  }

  it('publishes title, body and what subscribers filter by', async () => {
    const arn = await topic('ml-ops');
    await new SnsNotifier({ topic: arn, endpoint: moto.endpoint }).notify({
      ...notification('a'),
      title: `größer\n${'x'.repeat(200)}`,
    });
    const [one] = await published(arn);
    expect(one!.subject)
      .to.match(/^\[critical\] gr er x+$/)
      .and.to.have.length(100);
    expect(one!.message).to.contain('größer').and.to.contain('error rate 9.8 % > 2 %');
    expect(Object.keys(one!.attributes)).to.have.members(['severity', 'model', 'release']);
  });

  it('names the cause to topics that drop what comes twice', async () => {
    const arn = await topic('ml-ops.fifo');
    await new SnsNotifier({ topic: arn, endpoint: moto.endpoint }).notify(notification('a'));
    expect(await published(arn)).to.have.length(1);
    const listening = await startScriptedServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/xml' });
      response.end('<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>');
    });
    const notifier = new SnsNotifier({ topic: arn, endpoint: listening.url });
    for (const key of ['a', 'a', 'b']) await notifier.notify(notification(key));
    await listening.close();
    const asked = listening.seen.map(({ body }) => new URLSearchParams(body));
    expect(asked.map((one) => one.get('MessageGroupId'))).to.deep.equal(Array(3).fill('support-assistant'));
    const [first, again, other] = asked.map((one) => one.get('MessageDeduplicationId'));
    expect(first).to.equal(again);
    expect(first).to.match(/^[0-9a-f]{64}$/);
    expect(other).not.to.equal(first);
  });

  it('says what AWS says: no such topic, throttled, away', async () => {
    const missing = 'arn:aws:sns:eu-central-1:123456789012:absent';
    await expectPortError(
      new SnsNotifier({ topic: missing, endpoint: moto.endpoint }).notify(notification('a')),
      'NotFound',
      'SNS topic absent',
    );
    const throttling = await startScriptedServer((_request, response) => {
      response.writeHead(400, { 'content-type': 'text/xml' });
      response.end('<ErrorResponse><Error><Code>Throttling</Code><Message>slow</Message></Error></ErrorResponse>');
    });
    await expectPortError(
      new SnsNotifier({ topic: missing, endpoint: throttling.url }).notify(notification('a')),
      'RateLimited',
    );
    await throttling.close();
    await expectPortError(
      new SnsNotifier({ topic: missing, endpoint: throttling.url }).notify(notification('a')),
      'Unavailable',
    );
  });
});
