import { expect } from 'chai';
import { OpenAiChat } from '../../src/adapters/openai-chat/openai-chat.js';
import { describeChatModel } from './chat-model-contract.js';
import { expectPortError } from './support/expect-port-error.js';
import { type ScriptedServer, reply, startScriptedServer } from './support/scripted-server.js';

interface Script {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

const answer = {
  choices: [{ message: { role: 'assistant', content: 'At 14:00.' } }],
  usage: { prompt_tokens: 12, completion_tokens: 4 },
};
let server: ScriptedServer;
let script: Script;

before(async () => {
  server = await startScriptedServer((_request, response) => {
    if (script.status !== 0) reply(response, script);
  });
});
after(() => server.close());
beforeEach(() => {
  server.seen.length = 0;
  script = { body: answer };
});

const endpoint = (): string => `${server.url}/v1`;
const ask = (
  settings: { timeoutMilliseconds?: number; apiKey?: string } = {},
  at = endpoint(),
  more: { firstTokens?: number } = {},
) =>
  new OpenAiChat({ apiKey: null, ...settings }).complete({
    ...more,
    endpoint: at,
    model: 'judge',
    messages: [{ role: 'user', content: 'Hello' }],
    maxTokens: 16,
    temperature: 0.5,
    signal: new AbortController().signal,
  });

describeChatModel({
  name: 'OpenAiChat',
  open: () => new OpenAiChat({ apiKey: null }),
  target: () => ({ endpoint: endpoint(), model: 'judge' }),
});

describe('OpenAiChat', () => {
  it('hands on the documents that an endpoint says it retrieved, and nothing in another form', async () => {
    const citations = [
      { content: 'Orders before 14:00 ship today.', title: 'Cutoffs', filepath: 'cutoffs.md', chunk_id: '0' },
      { content: 'We deliver on Saturdays.', title: null, url: 'https://example.net/days' },
      { content: 'Else.' },
    ];
    const message = { ...answer.choices[0]!.message, context: { citations, intent: '[]' } };
    script = { body: { ...answer, choices: [{ message }] } };
    expect((await ask()).documents).to.deep.equal([
      { id: 'cutoffs.md', text: 'Orders before 14:00 ship today.' },
      { id: 'https://example.net/days', text: 'We deliver on Saturdays.' },
      { id: 'document 3', text: 'Else.' },
    ]);
    script = { body: { ...answer, choices: [{ message: { ...message, context: { citations: 'none' } } }] } };
    expect(await ask()).to.not.have.property('documents');
  });

  it('names the likeliest first tokens where they are asked for, and says when the endpoint knows none', async () => {
    const content = [
      {
        token: 'B',
        top_logprobs: [
          { token: 'B', logprob: -0.25 },
          { token: ' A', logprob: -2 },
        ],
      },
    ];
    script = { body: { ...answer, choices: [{ ...answer.choices[0]!, logprobs: { content } }] } };
    expect((await ask({}, endpoint(), { firstTokens: 20 })).firstTokens).to.deep.equal([
      { token: 'B', logProbability: -0.25 },
      { token: ' A', logProbability: -2 },
    ]);
    expect(JSON.parse(server.seen[0]!.body)).to.include({ logprobs: true, top_logprobs: 20 });
    script = { body: answer };
    await expectPortError(ask({}, endpoint(), { firstTokens: 20 }), 'InvalidInput', 'judge', 'log-probabilities');
    expect(await ask()).to.not.have.property('firstTokens');
  });

  it('reads JSON that is sent as plain text', async () => {
    script = { body: answer, headers: { 'content-type': 'text/plain' } };
    expect(await ask()).to.include({ text: answer.choices[0]!.message.content });
  });

  it('sends what it was told and the key', async () => {
    await ask({ apiKey: 'sk-1' });
    const { path, headers, body } = server.seen[0]!;
    expect(path).to.equal('/v1/chat/completions');
    expect(headers.authorization).to.equal('Bearer sk-1');
    expect(JSON.parse(body)).to.deep.equal({
      model: 'judge',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 16,
      temperature: 0.5,
    });
  });

  for (const [status, type] of [
    [400, 'InvalidInput'],
    [401, 'Unauthorised'],
    [403, 'Unauthorised'],
    [404, 'NotFound'],
    [408, 'Timeout'],
    [409, 'Conflict'],
    [413, 'InvalidInput'],
    [422, 'InvalidInput'],
    [429, 'RateLimited'],
    [500, 'Unavailable'],
    [503, 'Unavailable'],
    [504, 'Timeout'],
  ] as const)
    it(`says ${type} for HTTP ${status}, after one request`, async () => {
      script = { status, body: { error: { message: 'the reason' } } };
      const error = await expectPortError(ask(), type, 'judge', endpoint(), String(status), 'the reason');
      expect(error.retryAfterMilliseconds).to.equal(null);
      expect(server.seen).to.have.length(1);
    });

  it('passes on how long the endpoint asks to wait', async () => {
    script = { status: 429, headers: { 'retry-after': '3' } };
    expect((await expectPortError(ask(), 'RateLimited')).retryAfterMilliseconds).to.equal(3000);
    script = { status: 429, headers: { 'retry-after-ms': '250', 'retry-after': '3' } };
    expect((await expectPortError(ask(), 'RateLimited')).retryAfterMilliseconds).to.equal(250);
    script = { status: 503, headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() } };
    expect((await expectPortError(ask(), 'Unavailable')).retryAfterMilliseconds).to.be.within(50_000, 61_000);
  });

  it('says Timeout when the answer takes too long', async () => {
    script = { status: 0 };
    await expectPortError(ask({ timeoutMilliseconds: 50 }), 'Timeout');
  });

  it('says Unavailable when nobody listens', async () => {
    const gone = await startScriptedServer(() => undefined);
    await gone.close();
    await expectPortError(ask({}, `${gone.url}/v1`), 'Unavailable', 'ECONNREFUSED');
  });

  it('says Unavailable for an answer that is none', async () => {
    script = { body: { choices: [] } };
    await expectPortError(ask(), 'Unavailable', 'without a message');
    script = { body: 'not json' };
    await expectPortError(ask(), 'Unavailable');
  });
});
