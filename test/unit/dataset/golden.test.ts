import { expect } from 'chai';
import { parseGoldenSet } from '../../../src/domain/dataset/golden.js';

const line = (changes: Record<string, unknown> = {}): string =>
  JSON.stringify({ id: 'g1', input: 'Where is it?', reference: 'At home.', ...changes });

describe('parseGoldenSet', () => {
  it('reads cases; one without a cluster is its own', () => {
    const text = `\ufeff${line()}\r\n\n${line({ id: 'g2', input: 'Why?', cluster: 'c', tags: { category: 'x' } })}\n`;
    const { cases, problems } = parseGoldenSet({ text, now: null });
    expect(problems).to.deep.equal([]);
    expect(cases.map(({ id, cluster, tags }) => [id, cluster, tags])).to.deep.equal([
      ['g1', 'g1', {}],
      ['g2', 'c', { category: 'x' }],
    ]);
  });

  it('names every problem with line, field and value', () => {
    const text = [line(), '{oops', line({ id: '', tag: 1 }), line({ id: 'g1' }), line({ id: 'g3', date: 'May' })].join(
      '\n',
    );
    const { problems } = parseGoldenSet({ text, now: null });
    expect(problems.map((one) => [one.line, one.field])).to.have.deep.members([
      [2, '(line)'],
      [3, 'id'],
      [3, 'tag'],
      [4, 'id'],
      [5, 'date'],
    ]);
    expect(problems.find((one) => one.line === 4)?.expected).to.contain('line 1 has it already');
    expect(problems.find((one) => one.line === 5)?.value).to.equal('May');
  });

  it('is a problem when empty', () => {
    expect(parseGoldenSet({ text: '\n', now: null }).problems).to.have.length(1);
  });

  it('warns of few cases, the same question twice and old cases', () => {
    const text = [line({ date: '2026-01-01' }), line({ id: 'g2', input: 'where  is it?' })].join('\n');
    const { warnings } = parseGoldenSet({ text, now: '2026-11-21T00:00:00Z' });
    expect(warnings[0]).to.contain('2 cases < 50');
    expect(warnings[1]).to.equal('cases g1, g2 ask the same question');
    expect(warnings[2]).to.contain('such as g1');
  });
});
