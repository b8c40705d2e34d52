import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { findLeaks } from '../../../../src/domain/dataset/redaction/find-leaks.js';
import { createRedactor } from '../../../../src/domain/dataset/redaction/redactor.js';
import {
  heldOutFiles,
  type Labelled,
  languages,
  makeLabelled,
  readHeldOut,
} from '../../../support/redaction/labelled.js';
import { precisionOf, recallOf, type Score, scoreSpans } from '../../../support/redaction/scores.js';
import { ownPatterns } from '../../../support/redaction/values.js';

const fixture = new URL('../../../fixtures/redaction/labelled.jsonl', import.meta.url);
const redactor = createRedactor({ patterns: ownPatterns });
const predict = ({ text }: Labelled): Labelled['spans'] => redactor.redact({ texts: [text] }).found;
const types = ['EMAIL', 'PHONE', 'CARD', 'IBAN', 'IP', 'ADDRESS', 'ORDER_ID', 'CUSTOMER_ID'];
const fewestPerType = 40;

const readFixture = async (): Promise<Labelled[]> =>
  (await readFile(fixture, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Labelled);

function expectScore({ score, what }: { score: Score | undefined; what: string }): void {
  expect(score, what).to.not.equal(undefined);
  expect(recallOf(score!), `recall of ${what}`).to.be.at.least(0.98);
  expect(precisionOf(score!), `precision of ${what}`).to.be.at.least(0.95);
}

describe('accuracy of redaction', () => {
  let labelled: Labelled[];
  let scores: Map<string, Score>;

  before(async () => {
    labelled = await readFixture();
    scores = scoreSpans({ labelled, predict });
  });

  it('is measured on a set that its generator makes again', async () => {
    expect(await makeLabelled({ seed: 20_261_121 })).to.deep.equal(labelled);
  });

  it('is measured on 600 sentences, 200 hard negatives and 40 values of each type at least', () => {
    expect(labelled.filter(({ spans }) => spans.length > 0)).to.have.lengthOf.at.least(600);
    expect(labelled.filter(({ spans }) => spans.length === 0)).to.have.lengthOf.at.least(200);
    for (const type of types) expect(scores.get(type)!.labelled, type).to.be.at.least(fewestPerType);
  });

  it('reaches 0.98 recall and 0.95 precision overall, by language and by type', () => {
    for (const what of ['all', ...languages, ...types]) expectScore({ score: scores.get(what), what });
  });

  it('misses at most one value of a type in a language', () => {
    for (const language of languages) {
      for (const type of types) {
        const score = scores.get(`${language} ${type}`)!;
        expect(score.labelled - score.matched, `missed ${language} ${type}`).to.be.at.most(1);
        expect(score.predicted - score.matched, `wrong ${language} ${type}`).to.be.at.most(1);
      }
    }
  });

  for (const file of heldOutFiles) {
    it(`reaches the same overall on ${file}`, async () => {
      const heldOut = await readHeldOut({ file });
      expect(heldOut).to.have.lengthOf.at.least(120);
      expectScore({ score: scoreSpans({ labelled: heldOut, predict }).get('all'), what: file });
    });
  }

  it('leaves nothing that the second detector finds, in no sentence of any set', async () => {
    const heldOut = (await Promise.all(heldOutFiles.map((file) => readHeldOut({ file })))).flat();
    for (const { text } of [...labelled, ...heldOut]) {
      const [redacted] = redactor.redact({ texts: [text] }).texts;
      expect(findLeaks({ text: redacted! }), text).to.deep.equal([]);
    }
  });
});
