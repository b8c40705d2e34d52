import { expect } from 'chai';
import { BedrockChat } from '../../src/adapters/bedrock/bedrock-chat.js';
import { bedrockEndpoint } from '../../src/adapters/bedrock/bedrock-endpoint.js';
import { BedrockStream } from '../../src/adapters/bedrock/bedrock-stream.js';
import { BedrockStub } from '../support/bedrock-stub/server.js';
import { ServiceError } from '../support/bedrock-stub/service-error.js';
import { describeChatModel } from './chat-model-contract.js';
import { expectPortError } from './support/expect-port-error.js';

const endpoint = bedrockEndpoint('us-east-1');
const model = 'anthropic.claude-3-haiku-20240307-v1:0';
let stub: BedrockStub;

before(async () => {
  stub = new BedrockStub();
  await stub.listen();
});
after(() => stub.close());
beforeEach(() => {
  stub.seen.length = 0;
  stub.script = {};
  stub.failures = [];
  stub.hangs = false;
});

const chat = (settings: { timeoutMilliseconds?: number } = {}) =>
  new BedrockChat({ clients: stub.clients, ...settings });
const ask = (change: Partial<Parameters<BedrockChat['complete']>[0]> = {}, settings = {}) =>
  chat(settings).complete({
    endpoint,
    model,
    messages: [{ role: 'user', content: 'When is the cutoff?' }],
    maxTokens: 16,
    temperature: 0.5,
    signal: new AbortController().signal,
    ...change,
  });

describeChatModel({ name: 'BedrockChat', open: chat, target: () => ({ endpoint, model }) });

describe('BedrockChat', () => {
  it('sends system texts apart, joins turns of one role, and reads answer, tokens and model', async () => {
    const answer = await ask({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Context: at 14:00.' },
        { role: 'user', content: 'When?' },
      ],
    });
    expect(stub.seen[0]).to.deep.equal({
      method: 'POST',
      path: `/model/${model}/converse`,
      body: {
        system: [{ text: 'Be brief.' }],
        messages: [{ role: 'user', content: [{ text: 'Context: at 14:00.' }, { text: 'When?' }] }],
        inferenceConfig: { maxTokens: 16, temperature: 0.5 },
      },
    });
    expect(answer).to.include({
      text: 'You said: Context: at 14:00. When?',
      promptTokens: 6,
      completionTokens: 6,
      model,
    });
  });

  it('takes an answer that was cut at its most tokens', async () => {
    expect(await ask({ maxTokens: 3 })).to.include({ text: 'You said: When ', completionTokens: 3 });
  });

  for (const [status, name, type] of [
    [400, 'ValidationException', 'InvalidInput'],
    [403, 'AccessDeniedException', 'Unauthorised'],
    [403, 'ExpiredTokenException', 'Unauthorised'],
    [404, 'ResourceNotFoundException', 'NotFound'],
    [408, 'ModelTimeoutException', 'Timeout'],
    [424, 'ModelErrorException', 'Unavailable'],
    [429, 'ThrottlingException', 'RateLimited'],
    [429, 'ModelNotReadyException', 'RateLimited'],
    [400, 'ServiceQuotaExceededException', 'RateLimited'],
    [500, 'InternalServerException', 'Unavailable'],
    [503, 'ServiceUnavailableException', 'Unavailable'],
  ] as const)
    it(`says ${type} for ${name}, after one request`, async () => {
      stub.failures = [new ServiceError(status, name, 'the reason')];
      const error = await expectPortError(ask(), type, model, name, 'the reason');
      expect(error.retryAfterMilliseconds).to.equal(status === 429 ? 2000 : null);
      expect(stub.seen).to.have.length(1);
    });

  it('says Timeout when the answer takes too long, and InvalidInput for an endpoint without a region', async () => {
    stub.hangs = true;
    await expectPortError(ask({}, { timeoutMilliseconds: 60 }), 'Timeout', '60 ms');
    await expectPortError(ask({ endpoint: 'bedrock://v1' }), 'InvalidInput', 'bedrock://<region>/v1');
  });

  it('says what it can not give: an answer that a filter held back, one of tools, log-probabilities', async () => {
    stub.script = { stopReason: 'guardrail_intervened' };
    await expectPortError(ask(), 'InvalidInput', 'filter');
    stub.script = { stopReason: 'tool_use' };
    await expectPortError(ask(), 'Unavailable', 'tool_use');
    await expectPortError(ask({ firstTokens: 5 }), 'InvalidInput', 'log-probabilities');
  });
});

describe('BedrockStream', () => {
  const stream = () =>
    new BedrockStream({ clients: stub.clients }).ask({
      endpoint,
      model,
      messages: [{ role: 'user', content: 'When is it?' }],
      maxTokens: 16,
      signal: new AbortController().signal,
    });

  it('times the first word and the whole, and counts tokens as the service does', async () => {
    const { firstTokenMilliseconds, milliseconds, completionTokens } = await stream();
    expect(completionTokens).to.equal(5);
    expect(firstTokenMilliseconds).to.be.within(0, milliseconds);
  });

  it('says what went wrong before, inside and after the words', async () => {
    stub.failures = [new ServiceError(429, 'ThrottlingException', 'Too many tokens')];
    await expectPortError(stream(), 'RateLimited', 'Too many tokens');
    stub.script = { breaksAfter: { words: 2, exception: 'throttlingException' } };
    await expectPortError(stream(), 'RateLimited', 'broke down');
    stub.script = { breaksAfter: { words: 2, exception: 'modelStreamErrorException' } };
    await expectPortError(stream(), 'Unavailable', 'broke down');
    stub.script = { breaksAfter: { words: 2, exception: null } };
    await expectPortError(stream(), 'Unavailable');
  });
});
