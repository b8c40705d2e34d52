import { expect } from 'chai';
import type { Answer } from '../../../../src/domain/evaluation/answer.js';
import { observeAnswers } from '../../../../src/domain/evaluation/observe-answers.js';

const answer = (more: Partial<Answer>): Answer => ({ id: 'a', answer: 'Yes', reason: null, ...more });
const price = { input: 2, output: 10 };
const costOf = (more: Partial<Answer>, given: typeof price | null = price): number | undefined =>
  observeAnswers({ answers: [answer(more)], price: given, probed: null })[0]!.costUsd;

describe('observeAnswers', () => {
  it('tells what an answer cost, and nothing where the tokens or the price are not known', () => {
    expect(costOf({ promptTokens: 1000, completionTokens: 100 })).to.equal(0.003);
    expect(costOf({ promptTokens: 1000, completionTokens: 100 }, null)).to.equal(undefined);
    expect(costOf({})).to.equal(undefined);
    expect(costOf({ promptTokens: 0, completionTokens: 0 })).to.equal(undefined);
    expect(costOf({ promptTokens: 9, completionTokens: 0 })).to.equal(undefined);
    expect(costOf({ answer: '', promptTokens: 1_000_000, completionTokens: 0 })).to.equal(2);
    expect(costOf({ answer: null, promptTokens: 9, completionTokens: 9 })).to.equal(undefined);
  });

  it("lays the champion's answer and the answers to probes beside the answer", () => {
    const probe = {
      id: 'a~typos-1',
      caseId: 'a',
      kind: 'typos',
      style: 'butterFinger',
      input: 'Yez?',
      marks: [],
    } as const;
    const given = { price: null, probed: { probes: [{ ...probe, marks: [] }], answers: [] } };
    const [one, other] = observeAnswers({
      ...{ ...given, answers: [answer({}), answer({ id: 'b' })] },
      champion: [answer({ answer: 'No' }), answer({ id: 'b', answer: null })],
    });
    expect(one).to.deep.include({
      championAnswer: 'No',
      variants: [{ ...probe, answer: null, reason: 'the probe has no answer' }],
    });
    expect(other).to.deep.include({ variants: [] });
    expect(other).to.not.have.property('championAnswer');
  });
});
