import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { OpenAiChat } from '../../src/adapters/openai-chat/openai-chat.js';
import { withPlainAnswers } from '../../src/adapters/openai-chat/with-plain-answers.js';
import { renderPrompt } from '../../src/domain/release/prompt.js';
import { questionOf } from '../../src/domain/summaries/question.js';
import { replyFormatOf } from '../../src/domain/summaries/reply-format.js';
import { modelPython } from '../contract/support/model-tools.js';
import { startVllm, type VllmServer } from '../contract/support/vllm-server.js';
import { newestInCache } from '../support/cache.js';

const prompt = {
  ...{ system: 'Sum up the reviews as JSON: pros, cons, summary, sources.', template: '{query}' },
  ...{ maxTokens: 160, temperature: 0, reply: 'summary' as const },
};
const text = 'Love this dress. It is so soft and fits well.';

describe('summaries of SmolLM2-135M-Instruct, which nobody has taught them, on a real vLLM', function () {
  this.timeout(900_000);
  let directory: string;
  let server: VllmServer;
  const refused: string[] = [];
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'summaries-vllm-'));
    const base = dirname(await newestInCache({ kind: 'models', name: 'smollm2', proof: 'understudy-base.json' }));
    server = await startVllm({ python: await modelPython(), base, directory, contextTokens: 1024 });
  });
  after(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const snippets = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...{ review: `r-${index}`, text, rating: 5, verified: false, language: 'en' },
    }));
  const ask = (query: string, replyFormat = replyFormatOf({ prompt, query })!) =>
    withPlainAnswers({
      chat: new OpenAiChat({ apiKey: null, timeoutMilliseconds: 300_000 }),
      onRefused: ({ reason }) => void refused.push(reason),
    }).complete({
      ...{ endpoint: server.endpoint, model: 'base', messages: renderPrompt({ prompt, query }), replyFormat },
      ...{ maxTokens: prompt.maxTokens, temperature: 0, signal: new AbortController().signal },
    });

  it('are objects that name only reviews which were shown, also where there is one alone', async () => {
    let whole = 0;
    for (const reviews of [1, 5]) {
      const reply = await ask(questionOf({ snippets: snippets(reviews), language: 'en' }));
      expect(reply.inFormat).to.equal(true);
      // One that has used up its tokens breaks off, whatever its form.
      if (reply.completionTokens === prompt.maxTokens) continue;
      whole += 1;
      const said = JSON.parse(reply.text) as Record<string, unknown>;
      expect(said, reply.text).to.have.all.keys('pros', 'cons', 'summary', 'sources');
      expect(said['sources'], reply.text).to.satisfy((sources: number[]) =>
        sources.every((source) => Number.isInteger(source) && source >= 1 && source <= reviews),
      );
      expect(said['sources']).to.have.length.within(1, reviews);
    }
    expect(whole).to.be.at.least(1);
    expect(refused).to.deep.equal([]);
  });

  it('are asked for without a format that vLLM refuses, such as one with uniqueItems', async () => {
    const query = questionOf({ snippets: snippets(1), language: 'en' });
    const schema = { type: 'array', items: { type: 'integer' }, uniqueItems: true };
    expect(await ask(query, { name: 'unique', schema })).to.not.have.property('inFormat');
    expect(refused).to.have.length(1);
    expect(refused[0]).to.contain('uniqueItems');
  });
});
