import { expect } from 'chai';
import { createAnswerActivities } from '../../../src/activities/answers.js';
import { loadJsonLines } from '../../../src/activities/stored-json.js';
import type { ChatModel } from '../../../src/activities/ports.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import { answerSchema } from '../../../src/domain/evaluation/answer.js';
import { canonicalJson } from '../../../src/domain/release/evidence.js';
import { promptSchema } from '../../../src/domain/release/prompt.js';
import { replyFormatOf } from '../../../src/domain/summaries/reply-format.js';
import { evaluationWorld } from '../support/evaluation-world.js';
import { type BatchWorld, openBatchWorld, reviewsOf, summaryReply, targetOf } from './support/batch-world.js';

const prompt = promptSchema.parse({ reply: 'summary' });

describe('a batch whose prompt asks for summaries', () => {
  let world: BatchWorld;
  beforeEach(async () => {
    world = await openBatchWorld();
    await world.store.put({
      key: storeKeys.prompt({ releaseId: 'home-r1' }),
      body: Buffer.from(canonicalJson(prompt)),
    });
    await world.plan();
  });
  afterEach(() => world.close());

  it('holds each reply to the reviews that its item shows, and the repair as well', async () => {
    await world.write([...reviewsOf('single', 1), ...reviewsOf('kettle', 3)]);
    world.says(({ again }) => (again ? summaryReply : '{"pros":["sturdy"],"cons":['));
    expect(await world.run()).to.include({ summarised: 2, repaired: 2, calls: 4, unformatted: 0 });
    const sources = world.calls.map(({ question, format }) => [
      question.includes('single is'),
      (format!.schema['properties'] as { sources: { items: { enum: number[] } } }).sources.items.enum,
    ]);
    expect(sources.filter(([single]) => single)).to.deep.equal([
      [true, [1]],
      [true, [1]],
    ]);
    expect(sources.filter(([single]) => !single)).to.deep.equal([
      [false, [1, 2, 3]],
      [false, [1, 2, 3]],
    ]);
  });

  it('counts what an endpoint answered that takes no format, and still lets no invented source through', async () => {
    await world.write([...reviewsOf('single', 1), ...reviewsOf('kettle', 2)]);
    world.takesNoFormat();
    world.says(({ question }) =>
      question.includes('single is') ? summaryReply.replace('[1]', '[1,2]') : summaryReply,
    );
    expect(await world.run()).to.include({ summarised: 1, deadLettered: 1, calls: 3, unformatted: 3 });
    expect(await world.summary('single')).to.equal(null);
  });

  it('asks a release whose prompt says nothing of it as it was tested: for a text', async () => {
    await world.plan({ champion: targetOf('home-r0') });
    await world.write(reviewsOf('kettle', 2));
    expect(await world.run()).to.include({ summarised: 1, unformatted: 0 });
    expect(world.calls.map(({ format }) => format)).to.deep.equal([null]);
  });
});

describe('the evaluation of a model of summaries', () => {
  const input = 'Reviews, to be summed up in en:\n[1] 5/5: Sturdy.\n[2] 1/5: The cord is short.';
  const cases = [input, 'What do you sell?'].map((one, index) => ({
    ...{ id: `g${index}`, input: one, reference: summaryReply, cluster: `c${index}`, tags: {} },
  }));

  it('asks as the batch asks, and keeps with an answer that the endpoint takes no format', async () => {
    const opened = await evaluationWorld({ cases, evaluation: {}, says: () => '' });
    try {
      const asked: Parameters<ChatModel['complete']>[0][] = [];
      let takes = true;
      const chat: ChatModel = {
        complete: async (one) => {
          asked.push(one);
          const told = one.replyFormat && takes ? { inFormat: true as const } : {};
          return { text: summaryReply, promptTokens: 5, completionTokens: 4, milliseconds: 9, ...told };
        },
      };
      const { generateAnswers } = createAnswerActivities({ store: opened.store, chat });
      const stored = await opened.store.get({ key: 'specs/m/1.json' });
      const document = JSON.parse(Buffer.from(stored!.body).toString('utf8')) as object;
      const body = Buffer.from(canonicalJson({ ...document, prompt }));
      const specification = await opened.store.put({ key: 'specs/m/2.json', body });
      const answersOf = async (releaseId: string) => {
        const target = { releaseId, endpoint: 'http://127.0.0.1:1/v1', adapter: releaseId, specification };
        const given = { releaseId: 'm-r2', model: 'm', specification, target };
        const ref = await opened.run(generateAnswers, given);
        return await loadJsonLines({ store: opened.store, ref, schema: answerSchema });
      };
      const inFormat = await answersOf('m-r1');
      takes = false;
      const plain = await answersOf('m-r2');
      expect(asked.map(({ replyFormat }) => replyFormat ?? null)).to.have.deep.members([
        ...[replyFormatOf({ prompt, query: input }), null],
        ...[replyFormatOf({ prompt, query: input }), null],
      ]);
      expect(inFormat.map((one) => one.unformatted ?? false)).to.deep.equal([false, false]);
      expect(plain.map((one) => one.unformatted ?? false)).to.deep.equal([true, false]);
    } finally {
      await opened.close();
    }
  });
});
