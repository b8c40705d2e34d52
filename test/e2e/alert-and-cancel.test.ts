import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { localEnvironment } from '../support/temporal.js';
import { runLine } from '../unit/cli/run-line.js';
import { withLifecycle, type PlayedLifecycle } from '../workflows/support/lifecycle.js';
import { waitFor } from '../workflows/support/started-release.js';

describe('the commands alert and cancel', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  let home: string;
  before(async () => {
    environment = await localEnvironment();
    home = await mkdtemp(join(tmpdir(), 'understudy-alert-'));
  });
  after(async () => {
    await environment?.teardown();
    await rm(home, { recursive: true, force: true });
  });

  const run = (...line: string[]) =>
    runLine(line, { UNDERSTUDY_HOME: home, TEMPORAL_ADDRESS: environment.address, TEMPORAL_NAMESPACE: 'default' });
  const approvalByPeople = { rollout: { approval: { automatic: false } } };
  const begun = ({ state }: PlayedLifecycle) => waitFor(async () => (await state().catch(() => null))?.running ?? null);

  it('alert asks a model for a release where it is critical, and only then', () =>
    withLifecycle({
      environment,
      script: approvalByPeople,
      play: async (played) => {
        const { model, state } = played;
        await waitFor(() => state().catch(() => null));
        const alert = (...rest: string[]) => run('alert', model, '--kind', 'drift', ...rest);
        const noted = await alert('--severity', 'warning', '--evidence', 'PSI 0.12', '--json');
        expect(noted.code, noted.stderr).to.equal(0);
        expect(noted.json()).to.deep.equal({
          ...{ model, kind: 'drift', severity: 'warning', category: null, evidence: 'PSI 0.12', trigger: null },
        });
        const asked = await alert('--severity', 'critical', '--category', 'delivery', '--evidence', 'PSI 0.31');
        expect(asked.code, asked.stderr).to.equal(0);
        expect(asked.stdout).to.contain('critical alert drift asks for a release (trigger drift)');
        expect(await begun(played)).to.deep.include({
          trigger: 'drift',
          requestedBy: ['alert:drift'],
          reasons: ['drift: delivery: PSI 0.31'],
        });
        expect((await state()).queue).to.deep.equal([]);
      },
    }));

  it('alert says which field is wrong, and that no such model is here', async () => {
    const wrong = await run('alert', 'm', '--kind', 'drift', '--severity', 'urgent', '--evidence', 'x');
    expect(wrong.code).to.equal(2);
    expect(wrong.stderr).to.contain("'urgent' is invalid").and.to.contain('info, warning, critical');
    const long = await run('alert', 'm', '--kind', '', '--severity', 'critical', '--evidence', 'x'.repeat(2001));
    expect(long.code).to.equal(2);
    expect(long.stderr).to.match(/^alert\.kind: is ""; .*>=1/m);
    expect(long.stderr).to.match(/^alert\.evidence: is "x{59}\.\.\. \(2003 characters\); .*<=2000/m);
    const nobody = await run('alert', 'm', '--kind', 'drift', '--severity', 'critical', '--evidence', 'x', '--json');
    expect(nobody.code).to.equal(2);
    expect(nobody.json<{ error: string }>().error).to.contain('no model m is here');
  });

  it('cancel ends a release that has no champion to go back to, and the model goes on', () =>
    withLifecycle({
      environment,
      script: approvalByPeople,
      play: async (played) => {
        const { model, state, request } = played;
        await request();
        const { releaseId } = await begun(played);
        const refused = await run('rollback', model, '--reason', 'wrong data');
        expect(refused.code).to.equal(1);
        expect(refused.stderr).to.contain(`has no champion`).and.to.contain(`"understudy cancel ${releaseId}"`);

        const cancelled = await run('cancel', releaseId, '--reason', 'wrong data', '--by', 'ann', '--json');
        expect(cancelled.code, cancelled.stderr).to.equal(0);
        expect(cancelled.json()).to.deep.equal({
          ...{ release: releaseId, cancelled: true, by: 'ann', reason: 'wrong data' },
        });
        const ended = await waitFor(async () => (await state()).ended[0] ?? null);
        expect(ended).to.deep.include({ releaseId, outcome: 'cancelled' });
        expect(ended.reasons[0]).to.equal('cancelled by ann: wrong data');
        const again = await run('cancel', releaseId, '--reason', 'wrong data');
        expect(again.code).to.equal(2);
        expect(again.stderr).to.contain(`${releaseId} has no release under way`);
        expect((await request()).decision).to.equal('queued');
      },
    }));
});
