import { expect } from 'chai';
import { Ajv } from 'ajv';
import { PagerDutyNotifier } from '../../src/adapters/notifiers/pagerduty-notifier.js';
import { SlackNotifier } from '../../src/adapters/notifiers/slack-notifier.js';
import { notification } from './notifier-contract.js';
import { expectPortError } from './support/expect-port-error.js';
import { reply, startScriptedServer, type ScriptedServer } from './support/scripted-server.js';

const text = (type: string, maxLength: number) => ({
  type: 'object',
  required: ['type', 'text'],
  properties: { type: { const: type }, text: { type: 'string', minLength: 1, maxLength }, emoji: { type: 'boolean' } },
  additionalProperties: false,
});

/** The blocks that we use, as Slack's Block Kit reference describes them; a webhook answers what is not so with 400. */
const slackSchema = {
  type: 'object',
  required: ['text', 'blocks'],
  additionalProperties: false,
  properties: {
    text: { type: 'string', minLength: 1, maxLength: 40_000 },
    blocks: {
      type: 'array',
      minItems: 1,
      maxItems: 50,
      items: {
        oneOf: [
          {
            required: ['type', 'text'],
            additionalProperties: false,
            properties: { type: { const: 'header' }, text: text('plain_text', 150) },
          },
          {
            required: ['type', 'text'],
            additionalProperties: false,
            properties: { type: { const: 'section' }, text: text('mrkdwn', 3000) },
          },
          {
            required: ['type', 'elements'],
            additionalProperties: false,
            properties: {
              type: { const: 'context' },
              elements: { type: 'array', minItems: 1, maxItems: 10, items: text('mrkdwn', 3000) },
            },
          },
        ],
      },
    },
  },
};

/** PagerDuty's Events API v2: the fields of an alert event. */
const pagerDutySchema = {
  type: 'object',
  required: ['routing_key', 'event_action', 'payload'],
  additionalProperties: false,
  properties: {
    routing_key: { type: 'string', minLength: 32, maxLength: 32 },
    event_action: { enum: ['trigger', 'acknowledge', 'resolve'] },
    dedup_key: { type: 'string', maxLength: 255 },
    client: { type: 'string' },
    client_url: { type: 'string' },
    payload: {
      type: 'object',
      required: ['summary', 'source', 'severity'],
      additionalProperties: false,
      properties: {
        summary: { type: 'string', minLength: 1, maxLength: 1024 },
        source: { type: 'string', minLength: 1 },
        severity: { enum: ['critical', 'error', 'warning', 'info'] },
        timestamp: { type: 'string' },
        component: { type: 'string' },
        group: { type: 'string' },
        class: { type: 'string' },
        custom_details: { type: 'object' },
      },
    },
  },
};

/** A server that takes what keeps the schema and answers as its documentation says. */
async function schemaServer(schema: object, accepted: { status: number; body: unknown }): Promise<ScriptedServer> {
  const validate = new Ajv({ strict: false }).compile(schema);
  return startScriptedServer(({ body, headers }, response) => {
    const fits = headers['content-type'] === 'application/json' && validate(JSON.parse(body));
    reply(response, fits ? accepted : { status: 400, body: JSON.stringify(validate.errors) });
  });
}

const bodyOf = (server: ScriptedServer, index = 0): Record<string, unknown> =>
  JSON.parse(server.seen[index]!.body) as Record<string, unknown>;

describe('SlackNotifier', () => {
  let server: ScriptedServer;
  before(async () => {
    server = await schemaServer(slackSchema, { status: 200, body: 'ok' });
  });
  after(() => server.close());
  beforeEach(() => {
    server.seen.length = 0;
  });
  const slack = (url = `${server.url}/services/T0/B0/sesame`) => new SlackNotifier({ url, channel: 'ml-ops' });

  it('posts blocks that Slack takes, with what it would read as control characters escaped', async () => {
    await slack().notify({ ...notification('r3/ended'), body: 'p95 <@U1> 512 ms > 450 ms & rising' });
    const { text: fallback, blocks } = bodyOf(server) as { text: string; blocks: { type: string }[] };
    expect(server.seen[0]!.path).to.equal('/services/T0/B0/sesame');
    expect(fallback).to.equal('[critical] support-assistant-r3 was rolled back');
    expect(blocks.map(({ type }) => type)).to.deep.equal(['header', 'section', 'context']);
    const said = JSON.stringify(blocks);
    expect(said).to.contain('p95 &lt;@U1&gt; 512 ms &gt; 450 ms &amp; rising').and.to.contain('r3/ended');
  });

  it('cuts what is longer than Slack takes, and leaves out what is empty', async () => {
    await slack().notify({ ...notification('long'), title: 'x'.repeat(400), body: 'y'.repeat(9000) });
    await slack().notify({ ...notification('empty'), body: '' });
    expect(server.seen).to.have.length(2);
    expect((bodyOf(server, 1)['blocks'] as object[]).length).to.equal(2);
  });

  it('says which channel failed, and never its address', async () => {
    for (const [status, type] of [
      [404, 'NotFound'],
      [410, 'NotFound'],
      [403, 'Unauthorised'],
      [429, 'RateLimited'],
      [500, 'Unavailable'],
    ] as const) {
      const refusing = await startScriptedServer((_request, response) =>
        reply(response, { status, headers: { 'retry-after': '30' }, body: 'channel_is_archived' }),
      );
      try {
        const sending = slack(`${refusing.url}/services/sesame`).notify(notification('a'));
        const error = await expectPortError(sending, type, 'Slack channel ml-ops', 'channel_is_archived');
        expect(error.message).not.to.contain('sesame');
        expect(error.retryAfterMilliseconds).to.equal(30_000);
      } finally {
        await refusing.close();
      }
    }
  });
});

describe('PagerDutyNotifier', () => {
  let server: ScriptedServer;
  const routingKey = 'R'.repeat(32);
  before(async () => {
    server = await schemaServer(pagerDutySchema, {
      status: 202,
      body: { status: 'success', message: 'Event processed', dedup_key: 'a' },
    });
  });
  after(() => server.close());
  beforeEach(() => {
    server.seen.length = 0;
  });
  const pagerDuty = () => new PagerDutyNotifier({ url: server.url, routingKey, channel: 'night' });

  it('triggers one alert a cause', async () => {
    await pagerDuty().notify(notification('support-assistant-r3/not-undone'));
    expect(server.seen[0]!.path).to.equal('/v2/enqueue');
    expect(bodyOf(server)).to.deep.include({
      routing_key: routingKey,
      event_action: 'trigger',
      dedup_key: 'support-assistant-r3/not-undone',
    });
    expect(bodyOf(server)['payload']).to.deep.include({
      summary: 'support-assistant-r3 was rolled back',
      source: 'support-assistant-r3',
      severity: 'critical',
      component: 'support-assistant',
      class: 'not-undone',
    });
  });

  it('sends every severity, and long keys and titles, so that PagerDuty takes them', async () => {
    for (const severity of ['info', 'warning', 'critical'] as const)
      await pagerDuty().notify({ ...notification('k'.repeat(400)), severity, title: 't'.repeat(2000) });
    expect(server.seen).to.have.length(3);
    expect(bodyOf(server, 0)['dedup_key']).to.equal(bodyOf(server, 2)['dedup_key']);
  });

  it('says what is wrong without the key', async () => {
    const wrong = new PagerDutyNotifier({ url: server.url, routingKey: 'short-key', channel: 'night' });
    const error = await expectPortError(wrong.notify(notification('a')), 'InvalidInput', 'PagerDuty service night');
    expect(error.message).not.to.contain('short-key');
  });
});
