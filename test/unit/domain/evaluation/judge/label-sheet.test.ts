import { expect } from 'chai';
import { calibrationRows, styleOf } from '../../../../../src/domain/evaluation/judge/calibration-rows.js';
import {
  drawTasks,
  labelScaleOf,
  labelTasks,
  readLabels,
  type ReturnedRow,
} from '../../../../../src/domain/evaluation/judge/label-sheet.js';
import { readRubrics, rubricFolder } from '../../../../../src/adapters/rubric-files/rubric-files.js';

const cases = Array.from({ length: 40 }, (_, index) => ({
  ...{ id: `g${index}`, input: `Question ${index}?`, reference: `Right ${index}` },
  answers: [
    { answer: `New ${index}`, documents: [] },
    { answer: index % 4 === 0 ? `New ${index}` : `Old ${index}`, documents: [] },
    { answer: null, documents: [] },
  ],
}));
const tasks = labelTasks({ metric: 'faithfulness', cases });

describe('label sheets', () => {
  it('hold each different answer once, and tell nobody whose it is', () => {
    expect(tasks.length).to.equal(70);
    expect(new Set(tasks.map((one) => one.row)).size).to.equal(70);
    expect(Object.keys(tasks[0]!).sort()).to.deep.equal(
      ['row', 'caseId', 'question', 'reference', 'documents', 'answer', 'other'].sort(),
    );
  });

  it('hold each pair once where pairs are judged, either answer first', () => {
    const pairs = labelTasks({ metric: 'pairwisePreference', cases });
    expect(pairs.length).to.equal(40);
    const newFirst = pairs.filter(({ answer, other }) => answer !== other && answer.startsWith('New')).length;
    expect(newFirst).to.be.within(5, 25);
    const swapped = cases.map((one) => ({ ...one, answers: one.answers.toReversed() }));
    expect(labelTasks({ metric: 'pairwisePreference', cases: swapped })).to.deep.equal(pairs);
    const alone = cases.map((one) => ({ ...one, answers: one.answers.slice(0, 1) }));
    expect(labelTasks({ metric: 'pairwisePreference', cases: alone })).to.deep.equal([]);
  });

  it('draw whole cases at random, the same for a seed, and more of them for a larger count', () => {
    const few = drawTasks({ tasks, count: 10, seed: 1 });
    const ids = new Set(few.map((one) => one.caseId));
    expect(ids.size).to.equal(10);
    expect(few.length).to.equal(tasks.filter((one) => ids.has(one.caseId)).length);
    expect(drawTasks({ tasks, count: 10, seed: 1 })).to.deep.equal(few);
    const more = new Set(drawTasks({ tasks, count: 20, seed: 1 }).map((one) => one.caseId));
    for (const id of ids) expect(more.has(id)).to.equal(true);
    expect(new Set(drawTasks({ tasks, count: 10, seed: 2 }).map((one) => one.caseId))).not.to.deep.equal(ids);
    expect(few.map((one) => one.caseId)).not.to.deep.equal(few.map((one) => one.caseId).toSorted());
  });

  it('come back as labels, or with everything that is wrong at once', async () => {
    const scale = labelScaleOf((await readRubrics({ folder: rubricFolder }))['coherence']!);
    const drawn = drawTasks({ tasks, count: 3, seed: 1 });
    const rows = drawn.map(({ row }, index): ReturnedRow => ({
      ...{ row, number: index + 1, of: drawn.length, label: '4' },
    }));
    const read = readLabels({ rows, tasks, scale });
    expect(read.problems).to.deep.equal([]);
    expect(read.labels).to.deep.equal(drawn.map((task) => ({ task, score: 4 })));
    const [first, second, third, fourth] = rows;
    const bad = [
      { ...first!, label: '7' },
      { ...second!, label: ' ' },
      { ...second!, label: '3' },
      { ...third!, row: 'other' },
      { ...fourth!, label: '3.5' },
    ];
    expect(readLabels({ rows: bad, tasks, scale }).problems).to.deep.equal([
      'row 1: label is "7", expected a whole number from 1 to 5',
      'row 2: label is empty, expected a whole number from 1 to 5',
      'row 2: stands twice, expected once',
      'row 3: "other" is no answer of this evaluation; expected a sheet that was written for it',
      'row 4: label is "3.5", expected a whole number from 1 to 5',
      'missing: row 5, 6 of 6; label every row, or write a smaller sheet',
    ]);
  });

  it('ask people what the judge is asked, on its scale', async () => {
    const rubrics = await readRubrics({ folder: rubricFolder });
    const of = (metric: string) => labelScaleOf(rubrics[metric]!);
    expect(of('faithfulness')).to.deep.include({ low: 0, high: 1, values: null });
    expect(of('factualAgreement').values).to.deep.equal([0, 0.4, 0.6, 1]);
    expect(of('factualAgreement').question).to.contain('0.4: The answer says less than the reference');
    expect(of('coherence').question).to.match(/^Rate how .*\n5: [^]*that can be followed\.$/);
    expect(of('pairwisePreference')).to.deep.include({ low: 0, high: 1, values: [0, 0.5, 1] });
    for (const metric of Object.keys(rubrics)) expect(of(metric).question, metric).not.to.match(/[{}]/);
  });
});

describe('calibration rows', () => {
  const one = { id: 'a', cluster: 'c', answer: 'Sorry, no.', human: 0.8, judge: 0.7, places: null };

  it('keep what people and judge said, with length and style', () => {
    const [row] = calibrationRows({ scored: [one] });
    expect(row).to.deep.equal({
      ...{ id: 'a', cluster: 'c', human: 0.8, judge: 0.7 },
      ...{ length: 10, style: 'apology', places: null },
    });
  });

  it('keep of a pair what the judge said either way round', () => {
    const places = { first: 1, second: 0.5 };
    expect(calibrationRows({ scored: [{ ...one, places }] })[0]).to.deep.include({ length: null, style: null, places });
  });

  it('tell lists and apologies from prose', () => {
    expect(styleOf('Do this:\n- first\n- second')).to.equal('list');
    expect(styleOf('1. first\n2) second')).to.equal('list');
    expect(styleOf('It arrives - we think - today.')).to.equal('prose');
    expect(styleOf('Es tut uns leid.')).to.equal('apology');
  });
});
