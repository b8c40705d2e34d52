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
