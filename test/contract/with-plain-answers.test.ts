import { expect } from 'chai';
import { OpenAiChat } from '../../src/adapters/openai-chat/openai-chat.js';
import { OpenAiStream } from '../../src/adapters/openai-chat/openai-stream.js';
import { withPlainAnswers, withPlainStreams } from '../../src/adapters/openai-chat/with-plain-answers.js';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.js';
import { expectPortError } from './support/expect-port-error.js';

const replyFormat = { name: 'summary', schema: { type: 'object', properties: {}, required: [] } };
const responseFormat = { type: 'json_schema', json_schema: { ...replyFormat, strict: true } };

describe('a release that is asked for a format', () => {
  let upstream: ScriptedUpstream;
  let refused: string[];
  beforeEach(async () => {
    upstream = await startScriptedUpstream();
    refused = [];
  });
  afterEach(() => upstream.close());

  const onRefused = ({ model, reason }: { model: string; reason: string }): void =>
    void refused.push(`${model}: ${reason}`);
  const openChat = () => withPlainAnswers({ chat: new OpenAiChat({ apiKey: null }), onRefused });
  const question = ({ model = 'm-r1', content = 'Hello' } = {}) => ({
    ...{ endpoint: upstream.endpoint, model, messages: [{ role: 'user' as const, content }], maxTokens: 16 },
    ...{ temperature: 0, signal: new AbortController().signal },
  });
  const formats = (): unknown[] => upstream.received.map(({ body }) => body['response_format'] ?? null);

  it('is sent the JSON Schema as OpenAI has it, and the reply says so', async () => {
    expect(await openChat().complete({ ...question(), replyFormat })).to.include({ inFormat: true });
    expect(formats()).to.deep.equal([responseFormat]);
    expect(await openChat().complete(question())).to.not.have.property('inFormat');
    expect(formats()).to.deep.equal([responseFormat, null]);
  });

  for (const status of [400, 422])
    it(`is asked without it where it refuses that with ${status}: once found out, said once, release by release`, async () => {
      upstream.script({ model: 'm-r1', each: (body) => ('response_format' in body ? { status } : {}) });
      const chat = openChat();
      for (let time = 0; time < 3; time += 1)
        expect(await chat.complete({ ...question(), replyFormat })).to.not.have.property('inFormat');
      expect(formats()).to.deep.equal([responseFormat, null, null, null]);
      expect(refused).to.have.length(1);
      expect(refused[0]).to.contain('m-r1').and.to.contain(String(status));
      expect(await chat.complete({ ...question({ model: 'm-r2' }), replyFormat })).to.include({ inFormat: true });
    });

  it('is asked in its format again after a question that it refused for itself', async () => {
    upstream.script({
      model: 'm-r1',
      each: ({ messages }) => (messages[0]!.content === 'too long' ? { status: 400 } : {}),
    });
    const chat = openChat();
    await expectPortError(chat.complete({ ...question({ content: 'too long' }), replyFormat }), 'InvalidInput', 'm-r1');
    expect(await chat.complete({ ...question(), replyFormat })).to.include({ inFormat: true });
    expect(refused).to.deep.equal([]);
  });

  it('is not asked again here where it is busy, away or forbidden: that is for others to decide', async () => {
    const chat = openChat();
    for (const [status, type] of [
      [429, 'RateLimited'],
      [500, 'Unavailable'],
      [401, 'Unauthorised'],
      [404, 'NotFound'],
    ] as const) {
      upstream.script({ model: 'm-r1', status });
      await expectPortError(chat.complete({ ...question(), replyFormat }), type);
    }
    expect(formats()).to.deep.equal(Array(4).fill(responseFormat));
    expect(refused).to.deep.equal([]);
  });

  it('streams in the format, and without it where it refuses that', async () => {
    const { temperature: _, ...asked } = question();
    const stream = withPlainStreams({ stream: new OpenAiStream({ apiKey: null }), onRefused });
    await stream.ask({ ...asked, replyFormat });
    upstream.script({ model: 'm-r1', each: (body) => ('response_format' in body ? { status: 400 } : {}) });
    await stream.ask({ ...asked, replyFormat });
    await stream.ask({ ...asked, replyFormat });
    expect(formats()).to.deep.equal([responseFormat, responseFormat, null, null]);
    expect(refused).to.have.length(1);
  });
});
