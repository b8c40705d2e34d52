import { expect } from 'chai';
import type { ChatReply } from '../../src/activities/ports.js';
import { OpenAiChatThreads } from '../../src/adapters/openai-chat/openai-chat-threads.js';
import { describeChatModel } from './chat-model-contract.js';
import { expectPortError } from './support/expect-port-error.js';
import { type ScriptedServer, reply, startScriptedServer } from './support/scripted-server.js';

const asked = { model: 'judge', maxTokens: 16, temperature: 0 };
let server: ScriptedServer;
let chat: OpenAiChatThreads;
const concurrency = 5;
/** Questions that the server has and has not answered, and the most there ever were. */
let [held, mostHeld] = [0, 0];

/** Answers with what it was asked; "never" is held, "too many" is refused. */
before(async () => {
  server = await startScriptedServer((request, response) => {
    const { messages } = JSON.parse(request.body) as { messages: { content: string }[] };
    const { content } = messages[0]!;
    if (content === 'never') return;
    if (content === 'too many') return reply(response, { status: 429, headers: { 'retry-after': '3' }, body: {} });
    const usage = { prompt_tokens: 12, completion_tokens: 4 };
    const body = { choices: [{ message: { role: 'assistant', content: `You said ${content}` } }], usage };
    held += 1;
    mostHeld = Math.max(mostHeld, held);
    setTimeout(() => {
      held -= 1;
      reply(response, { body });
    }, 10);
  });
  chat = new OpenAiChatThreads({ apiKey: 'sk-1', concurrency });
});
after(async () => {
  await chat.close();
  await server.close();
});

const ask = (content: string, signal = new AbortController().signal): Promise<ChatReply> =>
  chat.complete({ ...asked, endpoint: `${server.url}/v1`, messages: [{ role: 'user', content }], signal });

describeChatModel({
  name: 'OpenAiChatThreads',
  open: () => chat,
  target: () => ({ endpoint: `${server.url}/v1`, model: 'judge' }),
});

describe('OpenAiChatThreads', () => {
  it('gives every one of many calls at once its own answer', async () => {
    const texts = Array.from({ length: 100 }, (_, index) => `question ${index}`);
    const replies = await Promise.all(texts.map((text) => ask(text)));
    expect(replies.map(({ text }) => text)).to.deep.equal(texts.map((text) => `You said ${text}`));
    expect(server.seen.at(-1)!.headers.authorization).to.equal('Bearer sk-1');
  });

  it('asks as many at once as it may, and no more', async () => {
    mostHeld = 0;
    await Promise.all(Array.from({ length: 60 }, (_, index) => ask(`question ${index}`)));
    expect(mostHeld).to.be.within(2, concurrency);
  });

  it('hands on why a call failed and how long to wait', async () => {
    const error = await expectPortError(ask('too many'), 'RateLimited', 'judge', '429');
    expect(error.retryAfterMilliseconds).to.equal(3000);
  });

  it('cancels the calls of one signal and no others', async () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const reason = new Error('the release was cancelled');
    const cancelled = [ask('never', one.signal), ask('never', one.signal)].map((call) =>
      call.catch((error: unknown) => error),
    );
    const kept = ask('hello', other.signal);
    one.abort(reason);
    expect(await Promise.all(cancelled)).to.deep.equal([reason, reason]);
    expect((await kept).text).to.equal('You said hello');
  });

  it('refuses what is open when its threads end, and asks by new ones afterwards', async () => {
    const open = ask('never');
    open.catch(() => undefined);
    await chat.close();
    await expectPortError(open, 'Unavailable', 'thread');
    expect((await ask('again')).text).to.equal('You said again');
  });
});
