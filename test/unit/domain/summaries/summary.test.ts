import { expect } from 'chai';
import fc from 'fast-check';
import { readSummary, repairQuestion } from '../../../../src/domain/summaries/summary.js';

const good = { pros: ['soft'], cons: ['runs small'], summary: 'Soft, but small.', sources: [2, 1, 2] };
const read = (reply: string, reviews = 3) => readSummary({ reply, reviews });

describe('a reply with a summary', () => {
  it('is read, with its sources once and in order', () => {
    expect(read(JSON.stringify(good))).to.deep.equal({ summary: { ...good, sources: [1, 2] }, problem: null });
  });

  it('may stand in prose, in a fence or behind thoughts', () => {
    const text = JSON.stringify(good);
    for (const reply of [`Here it is: ${text} Enjoy!`, `\`\`\`json\n${text}\n\`\`\``, `<think>{}</think>${text}`])
      expect(read(reply).problem, reply).to.equal(null);
  });

  it('is refused as prose, as half an object, in another shape and without sources', () => {
    const problems = [
      'Customers love the fit.',
      '{"pros": ["soft"], "cons": [',
      JSON.stringify({ ...good, summary: '' }),
      JSON.stringify({ ...good, sources: [] }),
      JSON.stringify({ ...good, pros: 'soft' }),
      '',
    ].map((reply) => read(reply).problem);
    expect(problems.every((problem) => typeof problem === 'string' && problem.length > 5)).to.equal(true);
    expect(problems[0]).to.contain('prose without JSON');
    expect(repairQuestion({ problem: problems[0]! }))
      .to.contain('prose without JSON')
      .and.contain('"sources"');
  });

  it('is refused as a whole where it names a review that was not shown', () => {
    for (const sources of [[1, 4], [0], [-1], ['7']])
      expect(read(JSON.stringify({ ...good, sources })).problem).to.contain(
        'is no review that was shown; expected numbers from 1 to 3',
      );
  });

  it('never throws and never makes up what is not there', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.integer({ min: 1, max: 15 }), (reply, reviews) => {
        const { summary, problem } = read(reply, reviews);
        return (summary === null) !== (problem === null);
      }),
    );
  });
});
