import { expect } from 'chai';
import { Languages } from '../../src/gateway/languages.js';
import { languagesHere } from './support/languages-here.js';

const texts = [
  'Wann kommt mein Paket endlich bei mir zu Hause an?',
  'Where is my parcel, and who brings it?',
  '荷物がまだ届いていません。',
  '4711',
  '',
];

describe('languages by a thread', function () {
  this.timeout(30_000);
  let languages: Languages;
  beforeEach(() => {
    languages = new Languages();
  });
  afterEach(() => languages.close());

  it('are those that the tables give here, each to its own text', async () => {
    await languages.start();
    const asked = Array.from({ length: 200 }, (_, index) => texts[index % texts.length]!);
    const found = await Promise.all(asked.map((text) => languages.detect({ text })));
    expect(found).to.deep.equal(await Promise.all(asked.map((text) => languagesHere.detect({ text }))));
  });

  it('need no start, and are there again after a close', async () => {
    expect((await languages.detect({ text: texts[0]! })).language).to.equal('de');
    await languages.close();
    await languages.close();
    expect((await languages.detect({ text: texts[1]! })).language).to.equal('en');
  });

  it('are asked again where the thread ends under way', async () => {
    await languages.start();
    const found = texts.map((text) => languages.detect({ text }));
    await languages.close();
    expect((await Promise.all(found)).map(({ language }) => language)).to.deep.equal(['de', 'en', 'ja', null, null]);
  });
});
