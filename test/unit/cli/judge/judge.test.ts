import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { expect } from 'chai';
import type { Flag } from '../../../../src/domain/release/review-flags.js';
import type { Verdict } from '../../../../src/domain/release/verdict.js';
import { runLine } from '../run-line.js';
import { evaluateWorld, type EvaluateWorld } from '../evaluate/evaluate-world.js';

type Pairs = Record<'row' | 'number' | 'of' | 'first' | 'second' | 'label', string>;
type SheetRow = Record<'row' | 'number' | 'of' | 'answer' | 'label', string>;

describe('understudy judge', function () {
  this.timeout(60_000);
  let world: EvaluateWorld;
  let evaluation: string;
  beforeEach(async () => {
    world = await evaluateWorld();
    await world.answers('new.jsonl', world.mostly(3));
    await world.answers('old.jsonl', world.mostly(2));
    const judge = { model: 'cheap' };
    await world.specify({ judge, gates: [{ metric: 'coherence', min: 4 }], guardrails: [{ metric: 'coherence' }] });
  });
  afterEach(() => world.close());

  /** A judge that rates as `rate` says of the answer. */
  async function judged(rate: (answer: string, index: number) => number): Promise<void> {
    let calls = 0;
    world.upstream.script({
      model: 'cheap',
      each: ({ messages }) => {
        const answer = /<answer>([^]*?)<\/answer>/.exec(messages.at(-1)!.content)![1]!;
        return { answer: JSON.stringify({ reason: 'seen', score: rate(answer, calls++) }) };
      },
    });
    ({ evaluation } = await evaluate());
  }

  async function run(home = 'home') {
    const arms = ['--candidate', world.path('new.jsonl'), '--against', world.path('old.jsonl'), '--json'];
    const line = ['evaluate', '--spec', world.path('spec.yaml'), ...arms];
    return await world.runIn({ JUDGE_BASE_URL: world.upstream.endpoint, UNDERSTUDY_HOME: world.path(home) }, ...line);
  }
  const evaluate = async (home?: string) =>
    (await run(home)).json<{ evaluation: string; verdicts: Verdict[]; flags: Flag[] }>();

  const gatesOf = async (): Promise<Verdict[]> =>
    (await evaluate()).verdicts.filter((one) => one.gate.includes('guardrail coherence'));

  const sheet = (): string => world.path('sheet.csv');
  const label = (...more: string[]) =>
    world.run('judge', 'label', evaluation, '--metric', 'coherence', '--by', 'ana', ...more);
  const good = (answer: string): boolean => answer.startsWith('Parcel');

  async function fillIn(score: (answer: string) => number): Promise<void> {
    const rows = parse(await readFile(sheet(), 'utf8'), { columns: true, bom: true });
    const filled = (rows as SheetRow[]).map((row) => ({ ...row, label: String(score(row.answer)) }));
    await writeFile(sheet(), stringify(filled, { header: true }));
  }

  it('takes labels of a blind sheet and proves a judge that agrees with them', async () => {
    await judged((answer, index) => (good(answer) ? 4 + (index % 2) : 1 + (index % 2)));
    const [informs] = await gatesOf();
    expect(informs).to.deep.include({ verdict: 'unmeasured' });
    expect(informs!.reason).to.contain('run understudy judge calibrate');
    const written = await label('--out', sheet());
    expect(written.code, written.stderr).to.equal(0);
    expect(written.stdout).to.contain('a whole number from 1 to 5').and.to.contain('Rate how the sentences');
    const text = await readFile(sheet(), 'utf8');
    for (const name of ['challenger', 'champion', 'new.jsonl', 'cheap', 'g1,']) expect(text).not.to.contain(name);
    await fillIn((answer) => (good(answer) ? 5 : 1));
    const read = await label('--read', sheet(), '--json');
    expect(read.code, read.stderr).to.equal(0);
    const { labels } = read.json<{ labels: number }>();
    expect(labels).to.be.greaterThan(60);
    expect((await label('--out', world.path('again.csv'))).stderr).to.contain('ana has labelled all');

    const calibrated = await world.run('judge', 'calibrate', evaluation, '--metric', 'coherence', '--json');
    expect(calibrated.code, calibrated.stdout).to.equal(0);
    const result = calibrated.json<Record<string, unknown> & { stored: string; sensitivity: { value: number } }>();
    expect(result).to.deep.include({
      verdict: 'calibrated',
      judge: 'cheap',
      metric: 'coherence',
      passAt: 4,
      n: labels,
    });
    expect(result.sensitivity.value).to.equal(1);
    expect(result.stored).to.match(/^store:\/\/judge\/calibrations\/coherence\//);

    const calls = world.upstream.received.length;
    const [decided] = await gatesOf();
    expect(decided!.verdict).not.to.equal('unmeasured');
    expect(decided!.reason).to.contain('challenger');
    expect(world.upstream.received.length).to.equal(calls);
    const recomputed = await world.run('evaluate', 'recompute', '--release', evaluation);
    expect(recomputed.code, recomputed.stdout).to.equal(0);
    const file = join(world.path('home'), 'store', 'releases', evaluation, 'evaluation', 'evidence.json');
    const evidence = await readFile(file, 'utf8');
    await writeFile(file, evidence.replace(/("labels":\[\{[^}]*"score":)[15]/, '$13'));
    const changed = await world.run('evaluate', 'recompute', '--evidence', file);
    expect(changed.code).to.equal(1);
    expect(changed.stdout).to.contain("what is known of the judge, and people's labels: SHA-256");
  });

  it('writes a file of calibrations that a spec names where the store is another', async () => {
    const rate = (answer: string, index: number): number => (good(answer) ? 4 + (index % 2) : 1 + (index % 2));
    await judged(rate);
    await label('--out', sheet());
    await fillIn((answer) => (good(answer) ? 5 : 1));
    await label('--read', sheet());
    const file = world.path('calibrations.jsonl');
    const calibrate = ['judge', 'calibrate', evaluation, '--metric', 'coherence', '--out', file];
    for (const passAt of ['3', '4']) {
      const ran = await world.run(...calibrate, '--pass-at', passAt);
      expect(ran.code, ran.stderr).to.equal(0);
      expect(ran.stdout).to.contain(`written to ${file}`);
    }
    expect((await readFile(file, 'utf8')).trim().split('\n')).to.have.length(1);

    const judge = { model: 'cheap', calibration: 'calibrations.jsonl' };
    await world.specify({ judge, gates: [{ metric: 'coherence', min: 4 }], guardrails: [{ metric: 'coherence' }] });
    const { verdicts } = await evaluate('other home');
    const gate = verdicts.find((one) => one.gate === 'guardrail coherence')!;
    expect(gate.verdict).not.to.equal('unmeasured');
    expect(gate.reason).to.contain('rests on the judge as calibrated');

    await writeFile(file, '{"version": 1}\n');
    const broken = await run('other home');
    expect(broken.code).to.equal(1);
    expect(broken.stdout).to.contain('evaluation.judge.calibration').and.to.contain('calibrations.jsonl:1: judge: ');
    const written = await world.run(...calibrate);
    expect(written.code).to.equal(2);
    expect(written.stderr).to.contain(`--out ${file} can't be written`);
  });

  it('says of a judge that guesses that it is too weak, and exits 1', async () => {
    await judged((_answer, index) => 1 + (index % 5));
    await label('--out', sheet());
    await fillIn((answer) => (good(answer) ? 5 : 1));
    await label('--read', sheet());
    const ran = await world.run('judge', 'calibrate', evaluation, '--metric', 'coherence', '--expires', '30d');
    expect(ran.code).to.equal(1);
    expect(ran.stdout).to.match(/^WEAK {2}cheap on coherence: lower bound of kappa -?0\.\d+ < 0\.4/);
    expect(ran.stdout).to.contain('sensitivity, good answers that it calls good: ').and.to.contain('informs only');
  });

  it('stores nothing of a sheet with mistakes, and names them all', async () => {
    await judged(() => 4);
    await label('--out', sheet(), '--count', '3');
    const rows = parse(await readFile(sheet(), 'utf8'), { columns: true, bom: true }) as unknown as SheetRow[];
    await writeFile(
      sheet(),
      stringify(
        rows.slice(1).map((row) => ({ ...row, label: '9' })),
        { header: true },
      ),
    );
    const read = await label('--read', sheet());
    expect(read.code).to.equal(1);
    expect(read.stdout).to.contain('nothing was stored').and.to.contain('row 2: label is "9", expected');
    expect(read.stdout).to.contain(`missing: row 1 of ${rows.length}`);
    const calibrate = await world.run('judge', 'calibrate', evaluation, '--metric', 'coherence');
    expect(calibrate.code).to.equal(2);
    expect(calibrate.stderr).to.contain('run "understudy judge label" first');
  });

  it('reads JSON lines too, and overwrites no sheet', async () => {
    await judged(() => 4);
    const file = world.path('sheet.jsonl');
    await label('--out', file, '--count', '2');
    const [first, ...others] = (await readFile(file, 'utf8')).trim().split('\n');
    const filled = [first!, ...others].map((line) => ({ ...(JSON.parse(line) as object), label: 3 }));
    await writeFile(file, world.lines(filled));
    expect((await label('--out', file)).stderr).to.contain('name a file that is not there yet');
    expect((await label('--read', file, '--json')).json()).to.deep.include({ labels: filled.length, by: 'ana' });
  });

  /** A judge of pairs that knows the good answer, and of two alike takes the first; people say that these are alike. */
  async function judgedPairs(): Promise<void> {
    const gates = [{ metric: 'pairwisePreference', min: 0.4 }];
    await world.specify({ judge: { model: 'cheap' }, gates, guardrails: [{ metric: 'pairwisePreference' }] });
    world.upstream.script({
      model: 'cheap',
      each: ({ messages }) => {
        const { content } = messages.at(-1)!;
        const [first, second] = ['first', 'second'].map((place) => content.split(`<${place}>`)[1]!);
        const better = good(second!) && !good(first!) ? 'second' : 'first';
        return { answer: JSON.stringify({ reason: 'seen', better }) };
      },
    });
    ({ evaluation } = await evaluate());
  }
  const preferred = (first: string, second: string): number =>
    good(first) === good(second) ? 0.5 : Number(good(first));

  it('takes labels of pairs, tells that the judge favours a place, and decides by labels and judge', async () => {
    await judgedPairs();
    const of = [evaluation, '--metric', 'pairwisePreference'];
    const written = await world.run('judge', 'label', ...of, '--by', 'ana', '--out', sheet());
    expect(written.stdout).to.contain('60 answers to label').and.to.contain('1 where the first answer is better');
    const rows = parse(await readFile(sheet(), 'utf8'), { columns: true, bom: true }) as unknown as Pairs[];
    const filled = rows.map((row) => ({ ...row, label: preferred(row.first, row.second) }));
    await writeFile(sheet(), stringify(filled, { header: true }));
    const read = await world.run('judge', 'label', ...of, '--by', 'ana', '--read', sheet(), '--json');
    expect(read.json(), read.stderr).to.deep.include({ labels: 60 });
    const again = await world.run('judge', 'label', ...of, '--by', 'ana', '--out', world.path('again.csv'));
    expect(again.stderr).to.contain('ana has labelled all 60');

    const calibrated = await world.run('judge', 'calibrate', ...of, '--json');
    expect(calibrated.code, calibrated.stdout + calibrated.stderr).to.equal(0);
    const { biases, ...found } = calibrated.json<{ biases: { kind: string; difference: number; biased: boolean }[] }>();
    expect(found).to.deep.include({ n: 60, passAt: 0.4, verdict: 'calibrated' });
    expect(biases).to.have.length(1);
    expect(biases[0]).to.deep.include({ kind: 'position', group: 'shown first', difference: 0.5, biased: true });

    const { verdicts, flags } = await evaluate();
    const guardrail = verdicts.find(({ gate }) => gate === 'guardrail pairwisePreference')!;
    expect(guardrail.reason).to.contain('by 60 labels in 30 clusters');
    const flag = flags.find((one) => one.flag === 'judgeBias')!;
    expect(flag.reason).to.contain('pairwisePreference (shown first)');
    const recomputed = await world.run('evaluate', 'recompute', evaluation);
    expect(recomputed.code, recomputed.stdout).to.equal(0);
  });

  it('shows pairs in the terminal too', async () => {
    await judgedPairs();
    const line = ['judge', 'label', evaluation, '--metric', 'pairwisePreference', '--by', 'ben', '--count', '2'];
    const ran = await runLine(line, { UNDERSTUDY_HOME: world.path('home') }, ['0.5', '2', '1']);
    expect(ran.stdout).to.contain('2 labels of pairwisePreference by ben stored');
    expect(ran.stderr)
      .to.contain('first: ')
      .and.to.contain('second: ')
      .and.to.contain('label is "2", expected 1 where');
  });

  it('takes labels in the terminal, stores each at once and goes on where a person stopped', async () => {
    await judged(() => 4);
    const typed = (...lines: string[]) => {
      const line = ['judge', 'label', evaluation, '--metric', 'coherence', '--by', 'ben', '--count', '3'];
      return runLine(line, { UNDERSTUDY_HOME: world.path('home') }, lines);
    };
    const first = await typed('4', '9', '5', 'q', '1');
    expect(first.code, first.stderr).to.equal(0);
    expect(first.stdout).to.contain('2 labels of coherence by ben stored');
    expect(first.stderr).to.contain('1 of 5').and.to.contain('label is "9", expected a whole number from 1 to 5');
    expect(first.stderr).to.contain('answer: ').and.to.contain('Rate how the sentences');
    expect(first.stderr).not.to.contain('challenger').and.not.to.contain('champion');
    const second = await typed('3', '3', '3', '3');
    expect(second.stderr).to.contain('1 of 3').and.not.to.contain('4 of 3');
    expect(second.stdout).to.contain('3 labels of coherence by ben stored');
    expect((await typed()).stderr).to.contain('ben has labelled all 5 answers');
  });

  it('says what it needs', async () => {
    await judged(() => 4);
    expect((await label('--out', 'a.csv', '--read', 'b.csv')).stderr).to.contain('--out or --read, not both');
    const metric = await world.run('judge', 'label', evaluation, '--metric', 'beauty', '--out', sheet());
    expect(metric.stderr).to.contain('--metric beauty: expected one of answerRelevancy, ');
    const other = await world.run('judge', 'calibrate', evaluation, '--metric', 'fluency');
    expect(other.stderr).to.contain('fluency was not judged; it was for coherence');
    const nothing = await world.run('judge', 'label', 'desk-r9', '--metric', 'coherence', '--out', sheet());
    expect(nothing.stderr).to.contain('desk-r9 has no evaluation');
  });
});
