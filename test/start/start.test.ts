import { expect } from 'chai';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import type { StartSummary } from '../../src/client/start/demonstration/summary.js';
import { findCommand } from '../support/temporal.js';
import { runLine } from '../unit/cli/run-line.js';
import { makeScratch, until } from './support/scratch.js';
import { startScriptedEndpoint } from './support/scripted-endpoint.js';
import { processesOf, StartProcess } from './support/start-process.js';

const releases = ['support-assistant-r1', 'support-assistant-r2', 'support-assistant-r3'];

describe('understudy start, with a real Temporal and MLflow', function () {
  this.timeout(600_000);
  let scratch: Awaited<ReturnType<typeof makeScratch>>;
  let endpoint: Awaited<ReturnType<typeof startScriptedEndpoint>>;
  let home: string;
  let environment: Record<string, string>;
  let current: StartProcess | null = null;

  /** What "trains": hangs, or fails at once. */
  const trainWith = async (script: string): Promise<void> => {
    const file = join(scratch.folder, 'python');
    await writeFile(file, `#!/bin/sh\n[ "$1" = --version ] && echo Python 3.11.0 && exit 0\n${script}\n`);
    await chmod(file, 0o755);
    environment['UNDERSTUDY_PYTHON'] = file;
  };
  const start = (...options: string[]): StartProcess => (current = StartProcess.run({ options, environment }));
  const training = async (): Promise<boolean> =>
    (
      await Promise.all(
        (await processesOf(home)).map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
      )
    ).some((command) => command.includes('sleep'));
  const nothingRuns = () =>
    until({ what: 'no process left', check: async () => (await processesOf(home)).length === 0, milliseconds: 30_000 });

  before(async () => {
    scratch = await makeScratch();
    endpoint = await startScriptedEndpoint();
    home = join(scratch.folder, 'home');
    environment = {
      UNDERSTUDY_HOME: home,
      UNDERSTUDY_TEMPORAL_BIN: await findCommand({ environment: 'temporal', command: 'temporal' }),
      UNDERSTUDY_MLFLOW_BIN: await findCommand({ environment: 'mlflow', command: 'mlflow' }),
      UNDERSTUDY_BASE_MODELS: JSON.stringify({ tiny: scratch.folder }),
      OPENAI_BASE_URL: endpoint.url,
      GITHUB_TOKEN: 'a key of nobody here',
    };
  });
  afterEach(async () => {
    // A start that a failed test left; its guardians take the rest along.
    if (current?.child.exitCode === null) current.child.kill('SIGKILL');
    await current?.exited;
    current = null;
    await nothingRuns();
  });
  after(async () => {
    await endpoint?.close();
    await scratch?.remove();
  });

  it('leaves nothing behind when it is killed in the middle of training, and refuses a second one before', async () => {
    await trainWith('exec sleep 1000');
    const first = start('--base', 'tiny');
    await first.said('support-assistant-r1: training');
    await until({ what: 'the training process', check: training, milliseconds: 120_000 });
    expect((await processesOf(home)).length).to.be.at.least(8);
    const ledger = JSON.parse(await readFile(join(home, 'processes.json'), 'utf8')) as { groups: { pid: number }[] };
    expect(ledger.groups.length).to.be.at.least(4);
    for (const { pid } of ledger.groups)
      expect(await readFile(`/proc/${pid}/environ`, 'utf8')).to.not.contain('of nobody here');

    const second = await runLine(['start', '--base', 'tiny'], environment);
    expect(second.code).to.equal(2);
    expect(second.stderr).to.contain('already runs').and.to.contain('gateway: http://127.0.0.1:');

    const doctor = await runLine(['doctor', '--json'], environment);
    const { checks } = doctor.json<{ checks: { name: string; state: string; found: string }[] }>();
    const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
    expect(states).to.deep.include({ Temporal: 'ok', 'search attributes': 'ok', worker: 'ok' });
    expect(states).to.deep.include({ MLflow: 'ok', endpoint: 'ok', gateway: 'ok' });

    const model = 'support-assistant';
    const status = await runLine(['status', model, '--json'], environment);
    expect(status.json<{ running: { releaseId: string }; release: { progress: { stage: string } } }>()).to.deep.include(
      {
        model,
        champion: null,
      },
    );
    expect((await runLine(['status'], environment)).stdout).to.contain('support-assistant-r1');
    expect((await runLine(['pause', model, '--reason', 'a test', '--by', 'ada'], environment)).code).to.equal(0);
    expect((await runLine(['status', model], environment)).stdout).to.contain('paused by ada (a test)');
    expect((await runLine(['resume', model, '--by', 'ada'], environment)).code).to.equal(0);
    const tooEarly = await runLine(['approve', `${model}-r1`, '--by', 'ada', '--digest', 'd'], environment);
    expect(tooEarly.code).to.equal(2);
    expect(tooEarly.stderr).to.contain('support-assistant-r1 has no rollout under way: it is not that far');
    const asksNothing = await runLine(['approve', `${model}-r1`, '--by', 'ada'], environment);
    expect(asksNothing.code).to.equal(1);
    expect(asksNothing.stderr).to.equal('support-assistant-r1 waits for no decision now; its stage is training');
    const unknown = await runLine(['reject', `${model}-r9`, '--by', 'ada', '--reason', 'a test'], environment);
    expect(unknown.stderr).to.contain('support-assistant-r9 is no release that runs');
    const noModel = await runLine(['status', 'nosuch'], environment);
    expect(noModel.stderr).to.contain('no model nosuch is here: apply its spec first');
    const nowhere = await runLine(['rollback', model, '--reason', 'a test', '--by', 'ada'], environment);
    expect(nowhere.code, nowhere.stdout).to.equal(1);

    first.child.kill('SIGKILL');
    await nothingRuns();
  });

  it('ends at once at a second Ctrl-C, also while it still starts', async () => {
    const starting = start('--base', 'tiny');
    await starting.said('starting mlflow');
    const since = performance.now();
    starting.child.kill('SIGINT');
    await starting.said('stopping; once more ends everything at once');
    // Later than what counts as the same key press; it may have ended in order by then.
    await until({ what: 'a second', check: () => performance.now() > since + 700 });
    starting.child.kill('SIGINT');
    expect(await starting.exited).to.equal(2);
    await nothingRuns();
  });

  it('goes on with the same release, and Ctrl-C ends everything', async () => {
    const again = start('--base', 'tiny');
    await again.said('support-assistant-r1: training');
    await until({ what: 'the training process', check: training, milliseconds: 120_000 });
    again.child.kill('SIGINT');
    expect(await again.exited).to.equal(2);
    expect(again.lines.join('\n')).to.contain('the next start goes on with them');
    expect(await processesOf(home)).to.deep.equal([]);
  });

  it('ends with one JSON object and 1 when the releases did not end as the example says', async () => {
    await trainWith('echo "no such accelerator" >&2; exit 3');
    const run = start('--base', 'tiny', '--once', '--json');
    expect(await run.exited, run.lines.join('\n')).to.equal(1);
    const summary = JSON.parse(run.stdout) as StartSummary;
    expect(summary.releases.map((one) => one.release)).to.deep.equal(releases);
    for (const release of summary.releases) {
      expect(release).to.include({ outcome: 'failed', stage: 'training', champion: null });
      expect(release.reasons.join()).to.contain('no such accelerator');
    }
    expect(summary.urls).to.have.keys('temporal', 'mlflow', 'gateway', 'endpoint');
    expect(await readFile(summary.report!, 'utf8')).to.contain('support-assistant-r3');
    expect(await processesOf(home)).to.deep.equal([]);
  });

  it('asks for nothing again once all releases have ended', async () => {
    const run = start('--base', 'tiny', '--once', '--json');
    expect(await run.exited, run.lines.join('\n')).to.equal(1);
    expect((JSON.parse(run.stdout) as StartSummary).releases.map((one) => one.release)).to.deep.equal(releases);
    const report = await runLine(['report', 'support-assistant-r1', '--json'], environment);
    expect(report.json<{ record: { outcome: string } }>().record.outcome).to.equal('failed');
    const audit = await runLine(['audit', 'verify', '--json'], environment);
    expect(audit.code, audit.stdout).to.equal(0);
  });

  it('names every configured server that does not answer before it starts anything', async () => {
    const closed = await getPort();
    const away = {
      ...environment,
      MLFLOW_TRACKING_URI: `http://127.0.0.1:${closed}`,
      TEMPORAL_ADDRESS: `127.0.0.1:${closed}`,
    };
    const { code, stderr } = await runLine(['start', '--base', 'tiny', '--once'], away);
    expect(code).to.equal(2);
    expect(stderr).to.contain('TEMPORAL_ADDRESS=').and.to.contain('MLFLOW_TRACKING_URI=');
    expect(stderr).to.not.contain('starting');
  });
});
