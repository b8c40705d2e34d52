import { expect } from 'chai';
import type { ChatModel, ChatReply } from '../../src/activities/ports.js';
import { bedrockEndpoint } from '../../src/adapters/bedrock/bedrock-endpoint.js';
import { routedChat, routedStream } from '../../src/adapters/bedrock/routed-chat.js';
import { BedrockStub } from '../support/bedrock-stub/server.js';
import { expectPortError } from './support/expect-port-error.js';

/** A region that no other test of this process asks. */
const region = 'eu-west-3';
const names = ['AWS_ENDPOINT_URL_BEDROCK_RUNTIME', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
const model = 'anthropic.claude-3-haiku-20240307-v1:0';

describe('routedChat', () => {
  let stub: BedrockStub;
  const known = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  before(async () => {
    stub = new BedrockStub();
    process.env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME = await stub.listen();
    process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = 'test';
  });
  after(async () => {
    await stub.close();
    for (const name of names)
      if (known[name] === undefined) delete process.env[name];
      else process.env[name] = known[name];
  });

  const elsewhere: ChatReply = { text: 'elsewhere', promptTokens: 1, completionTokens: 1, milliseconds: 1 };
  const chat: ChatModel = { complete: () => Promise.resolve(elsewhere) };
  const asked = (endpoint: string, name: string) => ({
    endpoint,
    model: name,
    messages: [{ role: 'user' as const, content: 'Well?' }],
    maxTokens: 8,
    temperature: 0,
    signal: new AbortController().signal,
  });

  it('asks Bedrock for its models by their name, and for all at its endpoint', async () => {
    const routed = routedChat({ chat, region });
    const text = async (endpoint: string, name: string) => (await routed.complete(asked(endpoint, name))).text;
    expect(await text('http://judge/v1', 'gpt-4o-mini')).to.equal('elsewhere');
    expect(await text('http://judge/v1', `bedrock:${model}`)).to.equal('You said: Well?');
    expect(await text(bedrockEndpoint(region), model)).to.equal('You said: Well?');
    expect(await text(bedrockEndpoint(region), `bedrock:${model}`)).to.equal('You said: Well?');
  });

  it('streams so too', async () => {
    const answer = { firstTokenMilliseconds: 1, milliseconds: 2, completionTokens: 1 };
    const routed = routedStream({ stream: { ask: () => Promise.resolve(answer) }, region });
    expect(await routed.ask(asked('http://judge/v1', 'gpt-4o-mini'))).to.equal(answer);
    expect(await routed.ask(asked('http://judge/v1', `bedrock:${model}`))).to.include({ completionTokens: 3 });
  });

  it('says that no region is set', async () => {
    const routed = routedChat({ chat, region: null });
    await expectPortError(
      routed.complete(asked('http://judge/v1', `bedrock:${model}`)),
      'InvalidInput',
      'BEDROCK_REGION',
    );
  });
});
