import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import type { JudgeCall } from '../../../../../src/domain/evaluation/judge/judge-call.js';
import { correctionOf, readReply } from '../../../../../src/domain/evaluation/judge/read-reply.js';

const call: JudgeCall<{ score: number }> = {
  step: 'rate',
  messages: [],
  maxTokens: 10,
  schema: z.object({ score: z.number().int().min(1).max(5) }),
  problemOf: ({ score }) => (score === 2 ? 'score 2: expected no 2' : null),
  format: '{"score": 1}',
};
const read = (text: string) => readReply({ call, text });

describe('readReply', () => {
  it('finds the object alone, in a fence, in prose and behind another one', () => {
    for (const text of [
      '{"score": 4}',
      '```json\n{"score": 4}\n```',
      'I think {hard to say} that {"score": 4, "more": "}{"} fits.',
      '{"thought": {"score": 1}} and so {"score": 4}',
    ])
      expect(read(text), text).to.deep.equal({ ok: true, value: { score: 4 } });
  });

  it('takes the object behind what the judge thought aloud', () => {
    expect(read('<think>At first {"score": 1}, or so.</think>\n{"score": 5}')).to.deep.equal({
      ...{ ok: true, value: { score: 5 } },
    });
    expect(read('{"score": 4}\nAs I said: {"score": 4}')).to.deep.equal({ ok: true, value: { score: 4 } });
  });

  it('does not choose between two objects that say different things', () => {
    const found = read('First {"score": 1}, no, {"score": 5}.');
    expect(found).to.include({ ok: false, problem: 'wrongShape' });
    expect((found as { message: string }).message).to.match(/2 objects that say different things/);
  });

  it('reads how likely each letter was, and names where none was', () => {
    const choice: JudgeCall<Record<string, number>> = {
      ...{ step: 'choose', messages: [], maxTokens: 1, format: 'one letter: A, B', letters: ['A', 'B'] },
      schema: z.record(z.string(), z.number()),
    };
    const likely = (tokens: [string, number][]) =>
      readReply({
        ...{ call: choice, text: 'A' },
        firstTokens: tokens.map(([token, p]) => ({ token, logProbability: Math.log(p) })),
      });
    const found = likely([
      ['A', 0.5],
      [' a', 0.1],
      ['(B', 0.2],
      ['The', 0.1],
      ['AB', 0.05],
    ]);
    expect(found.ok).to.equal(true);
    const { A, B } = (found as { value: Record<string, number> }).value;
    expect(A).to.be.closeTo(0.75, 1e-12);
    expect(B).to.be.closeTo(0.25, 1e-12);
    for (const tokens of [[], [['The', 0.9] as [string, number], ['A', 0.1] as [string, number]]]) {
      const none = likely(tokens);
      expect(none).to.include({ ok: false, problem: 'noOption' });
      expect((none as { message: string }).message).to.match(/A, B have (0|10) % of the probability < 50 %/);
    }
    expect(correctionOf({ call: choice, message: 'x' })).to.match(/nothing but\none letter: A, B$/);
  });

  it('names everything else and never guesses', () => {
    const problems: [string, string, RegExp][] = [
      ['', 'empty', /empty/],
      [' \n', 'empty', /empty/],
      ['The answer is good: 4 of 5.', 'noJson', /prose without JSON: "The answer is good: 4 of 5."/],
      ['Die Antwort ist gut.', 'noJson', /Die Antwort/],
      ['{"score": 4', 'brokenJson', /can't be read: "\{"score": 4"/],
      ['{"old": {"score": 4}, "sco', 'brokenJson', /old/],
      ['Sure! {"score": ', 'brokenJson', /score/],
      ['{"score": 7}', 'outOfRange', /score: .*5.*"score":7/],
      ['{"score": 0}', 'outOfRange', /score/],
      ['{"score": 4.5}', 'wrongShape', /score/],
      ['{"score": "4"}', 'wrongShape', /score/],
      ['{"bewertung": 4, "grund": "gut"}', 'wrongShape', /score: .*bewertung/],
      ['{"score": null}', 'wrongShape', /score/],
      ['{"score": 2}', 'wrongShape', /expected no 2/],
    ];
    for (const [text, problem, message] of problems) {
      const found = read(text);
      expect(found, text).to.include({ ok: false, problem });
      expect((found as { message: string }).message).to.match(message);
    }
  });

  it('tells the judge what was wrong and what is expected', () => {
    expect(correctionOf({ call, message: 'the reply is empty' })).to.match(/reply is empty.*\n\{"score": 1\}$/s);
  });

  it('ends for any text, and gives only what the schema allows', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', '"', '\\', 'a', ':', '4', 'score') }), (text) => {
        const found = read(text);
        if (found.ok) expect(found.value.score).to.be.within(1, 5);
      }),
    );
  });
});
