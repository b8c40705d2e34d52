import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  loadCalibration,
  saveCalibration,
  type CalibrationFile,
} from '../../../src/activities/judging/calibration-file.js';
import {
  answerDigestOf,
  labelsOfArm,
  loadLabels,
  saveLabels,
  type StoredLabel,
} from '../../../src/activities/judging/label-file.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';

const judge = 'cheap';
const metric = 'faithfulness';
const golden = { name: 'm', version: 'v1' };

const calibrationOf = ({ rightOf100 }: { rightOf100: number }): CalibrationFile => ({
  ...{ version: 1, judge, metric, rubricDigest: 'r' },
  ...{ calibratedAt: '2026-01-01T00:00:00.000Z', expires: '2027-01-01T00:00:00.000Z' },
  ...{ passAt: 0.5, ordered: false, seed: 1 },
  rows: Array.from({ length: 100 }, (_, index) => {
    const human = index % 2;
    const wrong = (index * 7) % 100 >= rightOf100;
    return {
      ...{ id: `${index}`, cluster: `c${index}`, human, judge: wrong ? 1 - human : human },
      ...{ length: null, style: null, places: null },
    };
  }),
});

const label = (id: string, answer: string, score: number, by = 'ana'): StoredLabel => ({
  ...{ id, answerDigest: answerDigestOf(answer), score, by },
  at: '2026-02-01T00:00:00.000Z',
});

describe('calibrations and labels in the store', () => {
  let root: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-labels-'));
    store = new DirectoryStore({ root });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('come back as what people and judge said makes them', async () => {
    expect(await loadCalibration({ store, judge, metric })).to.equal(null);
    const file = calibrationOf({ rightOf100: 95 });
    await saveCalibration({ store, file });
    const stored = await loadCalibration({ store, judge, metric });
    expect(stored!.file).to.deep.equal(file);
    expect(stored!.calibration).to.include({ verdict: 'calibrated', n: 100, clusters: 100, rubricDigest: 'r' });
    expect(stored!.calibration.agreement.value).to.equal(0.95);
    await saveCalibration({ store, file: calibrationOf({ rightOf100: 55 }) });
    expect((await loadCalibration({ store, judge, metric }))!.calibration.verdict).to.equal('weak');
  });

  it('name the file that can not be read, and how to mend it', async () => {
    const key = storeKeys.judgeCalibration({ judge, metric });
    const problem = (): Promise<string> =>
      loadCalibration({ store, judge, metric }).then(String, (error: Error) => error.message);
    await store.put({ key, body: Buffer.from('{"version":1') });
    expect(await problem()).to.match(/^judge\/calibrations\/faithfulness\/.*expected JSON.*judge calibrate again$/);
    await store.put({ key, body: Buffer.from(JSON.stringify({ ...calibrationOf({ rightOf100: 90 }), passAt: 'x' })) });
    expect(await problem()).to.match(/passAt: .*expected number/);
  });

  it('are of answers: an arm has the labels of what it answered, several people of one answer count as their mean', async () => {
    await saveLabels({ store, golden, metric, labels: [label('a', 'yes', 1), label('b', 'old', 0)] });
    await saveLabels({
      ...{ store, golden, metric },
      labels: [label('a', 'yes', 0, 'ben'), label('b', 'old', 1)],
    });
    const labels = await loadLabels({ store, golden, metric });
    expect(labels.map(({ id, score, by }) => [id, score, by])).to.deep.equal([
      ['a', 1, 'ana'],
      ['b', 1, 'ana'],
      ['a', 0, 'ben'],
    ]);
    const of = (arm: 'champion' | 'challenger', answers: Record<string, string | null>) =>
      labelsOfArm({ labels, arm, answers: Object.entries(answers).map(([id, answer]) => ({ id, answer })) });
    expect(of('champion', { a: 'yes', b: 'old' })).to.deep.equal([
      { id: 'a', arm: 'champion', score: 0.5 },
      { id: 'b', arm: 'champion', score: 1 },
    ]);
    expect(of('challenger', { a: null, b: 'new' })).to.deep.equal([]);
  });

  it('name file and line of a label that can not be read', async () => {
    await store.put({
      key: storeKeys.judgeLabels({ ...golden, metric }),
      body: Buffer.from(`${JSON.stringify(label('a', 'yes', 1))}\n{"id":"b"}\n`),
    });
    const problem = await loadLabels({ store, golden, metric }).then(String, (error: Error) => error.message);
    expect(problem).to.match(/^judge\/labels\/m\/v1\/faithfulness\.jsonl, line 2: answerDigest: /);
  });
});
