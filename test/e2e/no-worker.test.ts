import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { workflowIds } from '../../src/contracts/names.js';
import { localEnvironment } from '../support/temporal.js';
import { ref } from '../workflows/support/world.js';
import { runLine } from '../unit/cli/run-line.js';

describe('commands that only a worker can answer', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  let home: string;
  before(async () => {
    environment = await localEnvironment();
    home = await mkdtemp(join(tmpdir(), 'understudy-no-worker-'));
  });
  after(async () => {
    await environment?.teardown();
    await rm(home, { recursive: true, force: true });
  });

  it('say that there is none, in place of waiting for ever', async () => {
    await environment.client.workflow.start('modelLifecycle', {
      workflowId: workflowIds.lifecycle('m'),
      taskQueue: 'orchestration',
      args: [{ model: 'm', specification: ref('spec'), state: null }],
    });
    const { address } = environment;
    const answers = await Promise.all(
      [['pause', 'm', '--reason', 'holiday'], ['status']].map((line) =>
        runLine(line, { UNDERSTUDY_HOME: home, TEMPORAL_ADDRESS: address }),
      ),
    );
    for (const { code, stderr } of answers) {
      expect(code).to.equal(2);
      expect(stderr).to.contain('no worker answers: nobody polls the queue orchestration');
    }
  });
});
