import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { scoreToxicity } from '../../../src/domain/dataset/toxicity.js';

const dropped = 0.8;
const fixture = new URL('../../fixtures/toxicity/labelled.txt', import.meta.url);

describe('scoreToxicity', () => {
  it('tells insults and threats from oaths about things in six languages', async () => {
    const lines = (await readFile(fixture, 'utf8')).trim().split('\n');
    expect(lines).to.have.lengthOf.at.least(100);
    for (const line of lines) {
      const [, language, label, text] = /^(\w\w) (toxic|clean) (.*)$/.exec(line)!;
      const score = scoreToxicity({ text: text!, language: language! });
      expect(score > dropped, `${line}: ${score}`).to.equal(label === 'toxic');
    }
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
