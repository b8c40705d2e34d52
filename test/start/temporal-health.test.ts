import { expect } from 'chai';
import { join } from 'node:path';
import getPort from 'get-port';
import { startGuarded, type GuardedProcess } from '../../src/client/start/guarded-process.js';
import { isPolled, missingSearchAttributes } from '../../src/client/start/temporal-health.js';
import { findCommand } from '../support/temporal.js';
import { runLine } from '../unit/cli/run-line.js';
import { makeScratch, until } from './support/scratch.js';

interface StartedServer {
  place: { address: string; namespace: string; apiKey: null };
  doctor(
    settings?: Record<string, string>,
    ...more: string[]
  ): Promise<Record<string, { name: string; state: string; found: string; mend: string }>>;
  stop(): Promise<void>;
}

/** A dev server whose namespace nobody has made fit for us; `more` are arguments of its own. */
async function startServer(...more: string[]): Promise<StartedServer> {
  const scratch = await makeScratch();
  const port = await getPort();
  const place = { address: `127.0.0.1:${port}`, namespace: 'default', apiKey: null };
  const server: GuardedProcess = await startGuarded({
    command: await findCommand({ environment: 'temporal', command: 'temporal' }),
    arguments: ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port), ...more],
    environment: { PATH: '/usr/bin:/bin', HOME: scratch.folder },
    directory: scratch.folder,
    logFile: join(scratch.folder, 'log'),
    graceMilliseconds: 5000,
  });
  await until({
    what: 'Temporal',
    check: () =>
      missingSearchAttributes(place).then(
        () => true,
        () => false,
      ),
    milliseconds: 50_000,
  });
  return {
    place,
    doctor: async (settings = {}, ...options) => {
      const environment = { UNDERSTUDY_HOME: scratch.folder, TEMPORAL_ADDRESS: place.address, ...settings };
      const { json } = await runLine(['doctor', '--json', ...options], environment);
      const { checks } = json<{ checks: { name: string; state: string; found: string; mend: string }[] }>();
      return Object.fromEntries(checks.map((check) => [check.name, check]));
    },
    stop: async () => {
      await server.stop();
      await scratch.remove();
    },
  };
}

describe('a Temporal server of somebody else', function () {
  this.timeout(60_000);
  let started: StartedServer;
  let place: StartedServer['place'];
  let doctor: StartedServer['doctor'];
  before(async () => {
    started = await startServer();
    ({ place, doctor } = started);
  });
  after(() => started?.stop());

  it('lacks our search attributes, and keeps histories too shortly, until doctor --fix mends both', async () => {
    const before = await doctor();
    expect(before['Temporal']!.state).to.equal('ok');
    expect(before['search attributes']).to.include({ state: 'failed', mend: 'Run "understudy doctor --fix".' });
    expect(before['search attributes']!.found).to.contain('Model, Release, Stage, Verdict, Trigger');
    expect(before['retention']!.state).to.equal('warning');
    const fixed = await doctor({}, '--fix');
    expect(fixed['search attributes']!.state).to.equal('ok');
    expect(fixed['retention']!.found).to.equal('raised from 1 day to 30');
    await until({
      what: 'registration',
      check: async () => (await missingSearchAttributes(place)).length === 0,
      milliseconds: 30_000,
    });
    expect((await doctor())['search attributes']!.found).to.equal('all registered');
  });

  it('has no worker of ours, which is a warning', async () => {
    expect(await isPolled(place, { queue: 'orchestration', since: new Date(0) })).to.equal(false);
    expect((await doctor())['worker']!.state).to.equal('warning');
  });

  it('says when the namespace is not there', async () => {
    const error = await missingSearchAttributes({ ...place, namespace: 'elsewhere' }).catch(
      (refusal: unknown) => refusal,
    );
    expect((error as Error).message).to.match(/elsewhere/);
  });

  it('gets namespace, retention and search attributes by doctor --fix, which then finds nothing to do', async () => {
    const own = { TEMPORAL_NAMESPACE: 'support-production' };
    const before = await doctor(own);
    expect(before['namespace']).to.include({ state: 'failed', found: 'support-production is not there' });
    expect(before).not.to.have.property('search attributes');
    const fixed = await doctor(own, '--fix');
    expect(fixed['namespace']!.found).to.equal('created support-production, keeping histories for 30 days');
    expect(fixed['retention']!.found).to.equal('histories are kept for 30 days');
    expect(fixed['search attributes']!.found).to.match(/^registered Model, /);
    await until({
      what: 'registration',
      check: async () => (await doctor(own))['search attributes']!.state === 'ok',
      milliseconds: 30_000,
    });
    const again = await doctor(own, '--fix');
    expect([again['namespace']!.found, again['search attributes']!.found]).to.deep.equal([
      'support-production',
      'all registered',
    ]);
  });
});

describe('a Temporal server that lets nobody change its namespaces', function () {
  this.timeout(60_000);
  let started: StartedServer;
  before(async () => {
    started = await startServer('--dynamic-config-value', 'frontend.rps.namespaceReplicationInducingAPIs=0');
  });
  after(() => started?.stop());

  it('keeps histories too shortly: a warning, but a failure of doctor --fix, which says who may mend it', async () => {
    const before = await started.doctor();
    expect(before['retention']).to.deep.include({ state: 'warning', mend: 'Run "understudy doctor --fix".' });
    const { retention } = await started.doctor({}, '--fix');
    expect(retention!.state).to.equal('failed');
    expect(retention!.mend).to.contain('may change the namespace');
  });
});
