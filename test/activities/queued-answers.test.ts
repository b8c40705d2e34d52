import { expect } from 'chai';
import { createAnswerActivities } from '../../src/activities/answers.js';
import type { ChatModel } from '../../src/activities/ports.js';
import { evaluationWorld } from './support/evaluation-world.js';

const cases = Array.from({ length: 40 }, (_, index) => ({
  id: `g${index}`,
  input: `Where is parcel number ${index}?`,
  reference: 'In the depot',
  cluster: `customer-${index}`,
  tags: {},
}));

describe('answers of an endpoint with a queue', () => {
  it('are asked for all at once, and no time of waiting is taken for a latency', async () => {
    const world = await evaluationWorld({ cases, evaluation: {}, says: () => '' });
    try {
      let waiting = 0;
      let come: () => void;
      const all = new Promise<void>((resolve) => (come = resolve));
      const chat: ChatModel = {
        atOnce: ({ endpoint }) => (endpoint === 'sagemaker-async://m/v1' ? 100 : null),
        complete: async ({ messages }) => {
          waiting += 1;
          if (waiting === cases.length) come();
          await all;
          const text = `answer to ${messages.at(-1)!.content}`;
          return { text, promptTokens: 5, completionTokens: 4, milliseconds: 600_000, queued: true };
        },
      };
      const { generateAnswers } = createAnswerActivities({ store: world.store, chat });
      const target = {
        ...{ releaseId: 'm-r2', endpoint: 'sagemaker-async://m/v1', adapter: 'm-r2' },
        specification: world.common.specification,
      };
      const answers = await world.answersIn(await world.run(generateAnswers, { ...world.common, target }));
      expect(answers).to.have.length(cases.length);
      expect(answers[7]).to.deep.equal({
        ...{ id: 'g7', answer: 'answer to Where is parcel number 7?', reason: null },
        ...{ promptTokens: 5, completionTokens: 4 },
      });
    } finally {
      await world.close();
    }
  });
});
