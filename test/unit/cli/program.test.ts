import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { runLine } from './run-line.js';

describe('understudy command', () => {
  let home: string;
  let environment: Record<string, string>;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'understudy-cli-'));
    const closed = await getPort();
    environment = {
      UNDERSTUDY_HOME: home,
      TEMPORAL_ADDRESS: `127.0.0.1:${closed}`,
      MLFLOW_TRACKING_URI: `http://127.0.0.1:${closed}`,
      OPENAI_BASE_URL: `http://127.0.0.1:${closed}/v1`,
    };
  });
  after(() => rm(home, { recursive: true, force: true }));

  it('knows every verb', async () => {
    const { stdout, code } = await runLine(['--help']);
    expect(code).to.equal(0);
    for (const name of [
      ...['start', 'apply', 'validate', 'status', 'release', 'approve', 'reject', 'rollback', 'pause', 'resume'],
      ...['cancel', 'alert', 'doctor', 'report', 'audit', 'analyse'],
    ])
      expect(stdout).to.match(new RegExp(`^  ${name}\\b`, 'm'));
  });

  it('ends with 2 and says why when a line is not understood', async () => {
    for (const line of [
      ['promote'],
      ['rollback', 'support-assistant'],
      ['reject', 'support-assistant-r1', '--by', 'ada'],
      ['release', 'support-assistant', '--kind', 'everything'],
      ['start', '--example', '../elsewhere'],
      ['analyse', 'canary', '--events', 'x', '--alpha', '2'],
    ]) {
      const { code, stderr, stdout } = await runLine(line, environment);
      expect(code, line.join(' ')).to.equal(2);
      expect(stderr).to.contain('error:');
      expect(stdout).to.equal('');
    }
  });

  it('says that Temporal is away and what to do', async () => {
    const { code, stderr, json } = await runLine(['status', '--json'], environment);
    expect(code).to.equal(2);
    expect(stderr).to.contain('does not answer').and.to.contain('check TEMPORAL_ADDRESS');
    expect(json<{ error: string }>().error).to.equal(stderr);
  });

  it('lists every wrong setting before it does anything', async () => {
    const { code, stderr } = await runLine(['status'], { TEMPORAL_ADDRESS: 'x', MLFLOW_TRACKING_URI: 'y' });
    expect(code).to.equal(2);
    expect(stderr).to.contain('2 settings are not usable').and.to.contain('TEMPORAL_ADDRESS').and.to.contain('MLFLOW');
  });

  describe('worker move', () => {
    const { UNDERSTUDY_BUILD_ID: before } = process.env;
    afterEach(() => {
      if (before === undefined) delete process.env['UNDERSTUDY_BUILD_ID'];
      else process.env['UNDERSTUDY_BUILD_ID'] = before;
    });
    const move = () => runLine(['worker', 'move', 'm-r1', '--build', 'b2', '--json'], environment);

    it('moves nothing where nothing says which build this checkout is, or it is another', async () => {
      delete process.env['UNDERSTUDY_BUILD_ID'];
      const unnamed = await move();
      expect(unnamed.code).to.equal(2);
      expect(unnamed.json<{ error: string }>().error)
        .to.contain('UNDERSTUDY_BUILD_ID: is not set')
        .and.to.contain('UNDERSTUDY_BUILD_ID=b2 understudy worker move m-r1');
      process.env['UNDERSTUDY_BUILD_ID'] = 'b1';
      const another = await move();
      expect(another.code).to.equal(2);
      expect(another.stderr).to.contain('this checkout is build b1, which says nothing about b2');
    });
  });

  it('doctor finds what is away and how to mend each', async () => {
    const { code, json } = await runLine(['doctor', '--json'], environment);
    expect(code).to.equal(1);
    const { checks } = json<{ checks: { name: string; state: string; mend: string }[] }>();
    const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
    expect(states).to.deep.include({
      ...{ Node: 'ok', Python: 'ok', home: 'ok', disk: 'ok', store: 'ok' },
      ...{ Temporal: 'failed', MLflow: 'failed', endpoint: 'failed' },
    });
    for (const { state, mend } of checks) expect(mend !== '').to.equal(state !== 'ok');
  });

  it('report and audit say where they looked', async () => {
    const report = await runLine(['report', 'support-assistant-r1'], environment);
    expect(report.code).to.equal(2);
    expect(report.stderr).to.contain('has no record').and.to.contain(home);
    expect((await runLine(['audit', 'verify'], environment)).code).to.equal(2);
  });

  it('analyse canary judges a file of events and names rows that are none', async () => {
    const file = join(home, 'events.jsonl');
    const rows = Array.from({ length: 4000 }, (_, index) => {
      const challenger = index % 4 === 0;
      const error = challenger && index % 8 === 0;
      return {
        t: index,
        key: `k${index}`,
        arm: challenger ? 'challenger' : 'champion',
        share: 0.25,
        error,
        latencyMs: 100,
      };
    });
    await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const { code, json } = await runLine(['analyse', 'canary', '--events', file, '--json']);
    expect(code).to.equal(1);
    const analysis = json<{
      verdict: string;
      guards: { event: string; verdict: string; challenger: { events: number } }[];
    }>();
    expect(analysis.verdict).to.equal('fail');
    expect(analysis.guards[0]).to.deep.include({ event: 'error', verdict: 'fail' });
    expect((await runLine(['analyse', 'canary', '--events', file])).stdout).to.contain('error');

    await writeFile(file, '{"t": 1}\nnot json\n');
    const bad = await runLine(['analyse', 'canary', '--events', file]);
    expect(bad.code).to.equal(2);
    expect(bad.stderr).to.contain('events.jsonl:1: key').and.to.contain('events.jsonl:2: expected a JSON object');
  });

  it('analyse comparison compares two files of scores and refuses sizes that mean nothing', async () => {
    const write = async (name: string, score: (index: number) => number): Promise<string> => {
      const rows = Array.from({ length: 80 }, (_, index) => ({ id: index, cluster: index % 40, score: score(index) }));
      await writeFile(join(home, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      return join(home, name);
    };
    const champion = await write('champion.jsonl', (index) => 0.4 + (index % 7) / 100);
    const challenger = await write('challenger.jsonl', (index) => 0.6 + (index % 5) / 100);
    const line = ['analyse', 'comparison', '--champion', champion, '--challenger', challenger, '--metric', 'tokenF1'];
    const better = await runLine([...line, '--minimum-effect', '0.05', '--json']);
    expect(better.code, better.stderr).to.equal(0);
    const analysis = better.json<{ verdict: string; n: number; clusters: number; difference: number }>();
    expect(analysis).to.include({ verdict: 'pass', n: 80, clusters: 40 });
    expect(analysis.difference).to.be.closeTo(0.19, 0.01);
    const worse = await runLine([
      ...['analyse', 'comparison', '--champion', challenger, '--challenger', champion, '--metric', 'tokenF1'],
    ]);
    expect(worse.code).to.equal(1);
    expect(worse.stdout).to.contain('fail:');
    const mixed = await runLine([...line, '--margin', '0.02']);
    expect(mixed.code).to.equal(2);
    expect(mixed.stderr).to.contain('--margin has no meaning with --decision superior');
    const beyond = await write('beyond.jsonl', () => -1e300);
    const overflowing = await runLine([...line.slice(0, 4), '--challenger', beyond, '--metric', 'tokenF1']);
    expect(overflowing.code).to.equal(2);
    expect(overflowing.stderr).to.contain('beyond.jsonl:1: score: expected a score from -1e+100');
  });
});
