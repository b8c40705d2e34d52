import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import { BedrockConverse } from '../../src/adapters/bedrock/bedrock-converse.js';
import { bedrockEndpoint } from '../../src/adapters/bedrock/bedrock-endpoint.js';
import type { Target } from '../../src/domain/rollout/traffic-plan.js';
import { BedrockUpstream } from '../../src/gateway/bedrock-upstream.js';
import { Cancellation } from '../../src/gateway/cancellation.js';
import type { UpstreamCall } from '../../src/gateway/upstream.js';
import { UpstreamError } from '../../src/gateway/upstream-error.js';
import { BedrockStub } from '../support/bedrock-stub/server.js';
import { ServiceError } from '../support/bedrock-stub/service-error.js';
import { ask, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';

/** A region that no other test of this process asks. */
const region = 'eu-north-1';
const target: Target = {
  releaseId: 'm-r1',
  endpoint: bedrockEndpoint(region),
  adapter: 'anthropic.claude-3-haiku-20240307-v1:0',
  promptDigest: null,
  indexVersion: null,
};

describe('gateway: a release on Bedrock', () => {
  let stub: BedrockStub;
  let address: string;
  before(async () => {
    stub = new BedrockStub();
    address = await stub.listen();
  });
  after(() => stub.close());
  beforeEach(() => {
    stub.seen.length = 0;
    stub.script = {};
    stub.failures = [];
    stub.hangs = false;
  });

  describe('asked by itself', () => {
    const upstream = () => new BedrockUpstream(new BedrockConverse({ clients: stub.clients }));
    const call = (change: Partial<UpstreamCall> = {}): UpstreamCall => ({
      target,
      request: { messages: [{ role: 'user', content: 'Where is it?' }], max_tokens: 20, temperature: 0.5 },
      timeoutMilliseconds: 2000,
      cancellation: new Cancellation(),
      ...change,
    });
    const failure = async (promise: Promise<unknown>): Promise<UpstreamError> => {
      const error = await promise.then(
        () => null,
        (caught: unknown) => caught,
      );
      expect(error).to.be.instanceOf(UpstreamError);
      return error as UpstreamError;
    };

    it("answers in OpenAI's form", async () => {
      const { text, promptTokens, completionTokens, body } = await upstream().complete(call());
      expect(text).to.equal('You said: Where is it?');
      expect({ promptTokens, completionTokens }).to.deep.equal({ promptTokens: 3, completionTokens: 5 });
      expect(body).to.deep.include({
        usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
        choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
      });
    });

    it('asks with everything that Converse takes, and says by name what it does not', async () => {
      const messages = [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Where?' }] },
      ];
      const taken = { messages, max_completion_tokens: 9, top_p: 0.5, stop: 'END', tools: null, user: 'ann' };
      await upstream().complete(call({ request: taken }));
      expect(stub.seen[0]!.body).to.deep.equal({
        system: [{ text: 'Be brief.' }],
        messages: [{ role: 'user', content: [{ text: 'Where?' }] }],
        inferenceConfig: { maxTokens: 9, topP: 0.5, stopSequences: ['END'] },
      });
      const error = await failure(upstream().complete(call({ request: { messages, tools: [{}], logprobs: true } })));
      expect(error).to.include({ kind: 'status', callerStatus: 400 });
      expect(error.message)
        .to.match(/tools/)
        .and.to.match(/logprobs/);
    });

    it("tells the caller's fault from the release's", async () => {
      stub.failures = [new ServiceError(400, 'ValidationException', 'The text is blank')];
      expect(await failure(upstream().complete(call()))).to.include({ kind: 'status', callerStatus: 400 });
      stub.failures = [new ServiceError(429, 'ThrottlingException', 'slow down')];
      expect(await failure(upstream().complete(call()))).to.include({ kind: 'connection', callerStatus: null });
      stub.script = { text: ' ' };
      expect(await failure(upstream().complete(call()))).to.include({ kind: 'unusable', callerStatus: null });
      stub.hangs = true;
      expect(await failure(upstream().complete(call({ timeoutMilliseconds: 50 })))).to.include({ kind: 'timeout' });
      const cancellation = new Cancellation();
      setTimeout(() => cancellation.cancel(), 20);
      expect(await failure(upstream().complete(call({ cancellation })))).to.include({ kind: 'connection' });
    });

    it('streams server-sent events, and says when they break off', async () => {
      const read = async (): Promise<string> => {
        let text = '';
        for await (const chunk of await upstream().stream(call())) text += chunk.toString();
        return text;
      };
      const events = (await read()).split('\n\n').filter((line) => line !== '');
      expect(events.at(-1)).to.equal('data: [DONE]');
      const chunks = events.slice(0, -1).map((line) => JSON.parse(line.slice(6)) as StreamChunk);
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).to.equal('You said: Where is it?');
      expect(chunks.at(-2)!.choices[0]!.finish_reason).to.equal('stop');
      expect(chunks.at(-1)!.usage).to.deep.equal({ prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 });
      stub.script = { breaksAfter: { words: 1, exception: 'modelStreamErrorException' } };
      expect((await failure(read())).message).to.match(/broke down/);
      stub.failures = [new ServiceError(503, 'ServiceUnavailableException', 'away')];
      expect((await failure(upstream().stream(call()))).message).to.match(/away/);
    });
  });

  describe('behind a gateway', () => {
    let world: GatewayWorld;
    let app: FastifyInstance;
    const names = ['AWS_ENDPOINT_URL_BEDROCK_RUNTIME', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
    const before_ = Object.fromEntries(names.map((name) => [name, process.env[name]]));
    before(async () => {
      process.env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME = address;
      process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = 'test';
      world = await openGatewayWorld();
      await world.writePlan({ champion: target });
      app = await world.gateway({ settings: { upstreamTimeoutMilliseconds: 5000, requestTimeoutMilliseconds: 9000 } });
    });
    after(async () => {
      await world.close();
      for (const name of names)
        if (before_[name] === undefined) delete process.env[name];
        else process.env[name] = before_[name];
    });

    it('answers queries and chats', async () => {
      const answer = await ask(app);
      expect(answer.statusCode, answer.body).to.equal(200);
      expect(answer.json()).to.include({ answer: 'You said: Where is it?', release: 'm-r1' });
      const body = { messages: [{ role: 'user', content: 'And now?' }], stream: true };
      const stream = await ask(app, { url: '/v1/chat/completions', body });
      expect(stream.body).to.include('And ').and.to.include('[DONE]');
    });
  });
});

interface StreamChunk {
  choices: { delta: { content?: string }; finish_reason: string | null }[];
  usage?: unknown;
}
