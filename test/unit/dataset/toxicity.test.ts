import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { scoreToxicity } from '../../../src/domain/dataset/toxicity.js';

const dropped = 0.8;
const read = async (file: string): Promise<{ language: string; toxic: boolean; text: string }[]> =>
  (await readFile(new URL(`../../fixtures/toxicity/${file}`, import.meta.url), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => {
      const [, language, label, text] = /^(\w\w) (toxic|clean) (.*)$/.exec(line)!;
      return { language: language!, toxic: label === 'toxic', text: text! };
    });

describe('scoreToxicity', () => {
  it('tells insults and threats from oaths about things in six languages', async () => {
    const lines = await read('labelled.txt');
    expect(lines).to.have.lengthOf.at.least(100);
    for (const { language, toxic, text } of lines) {
      const score = scoreToxicity({ text, language });
      expect(score > dropped, `${language} ${text}: ${score}`).to.equal(toxic);
    }
  });

  it('finds 18 of 21 toxic sentences that the words were not chosen with, and drops no clean one', async () => {
    const lines = (await read('held-out.txt')).map((line) => ({ ...line, score: scoreToxicity(line) }));
    expect(lines.filter(({ toxic, score }) => toxic && score > dropped)).to.have.lengthOf.at.least(18);
    expect(lines.filter(({ toxic, score }) => !toxic && score > dropped)).to.deep.equal([]);
  });

  it('sees through digits, drawn-out and spelled-out letters', () => {
    for (const text of ['you 4ssh0le', 'you a s s h o l e', 'you assssssshole', 'YOU ASSHOLE!!!']) {
      expect(scoreToxicity({ text, language: 'en' }), text).to.be.above(dropped);
    }
  });

  it('weighs a word more when somebody is spoken to', () => {
    const said = scoreToxicity({ text: 'What an idiot I was', language: 'en' });
    const thrown = scoreToxicity({ text: 'What an idiot you are', language: 'en' });
    expect(said).to.be.above(0).and.below(thrown);
  });

  it('counts English words in every language, and no other language in English', () => {
    expect(scoreToxicity({ text: 'was für ein motherfucker, du asshole', language: 'de' })).to.be.above(dropped);
    expect(scoreToxicity({ text: 'the pros and the troia', language: 'en' })).to.equal(0);
    expect(scoreToxicity({ text: '', language: null })).to.equal(0);
  });
});
