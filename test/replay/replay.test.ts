import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';
import { expect } from 'chai';
import { replayProblems, type ReplayProblem } from '../../src/workers/replay-check.js';
import '../support/temporal.js';
import { workflowBundle } from '../workflows/support/stage.js';
import { createWorld } from '../workflows/support/world.js';
import { historyFromFile, type HistoryFile } from './history-file.js';
import { accidents } from './record-accidents.js';
import { rareBranches } from './record-rare-branches.js';
import { sideWork } from './record-side-work.js';

const folder = fileURLToPath(new URL('histories', import.meta.url));

type Recorded = HistoryFile & { name: string };

async function readHistories(): Promise<Recorded[]> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.json')).sort();
  return await Promise.all(
    files.map(async (name) => ({
      name,
      ...(JSON.parse(await readFile(join(folder, name), 'utf8')) as HistoryFile),
    })),
  );
}

const replay = async (histories: Recorded[], workflowBundle: WorkflowBundle): Promise<ReplayProblem[]> =>
  await replayProblems({
    workflows: histories.map((one) => ({ workflowId: one.workflowId, history: historyFromFile(one) })),
    options: { workflowBundle },
  });

describe('histories of released versions', function () {
  this.timeout(180_000);

  it('replay on the workflows of today', async () => {
    const histories = await readHistories();
    for (const kind of ['lifecycle', 'release', 'evaluation', 'rollout'])
      for (const ending of kind === 'lifecycle' ? ['continued', 'after'] : ['promoted', 'rolled-back-by-guard'])
        for (const version of ['0.1.0', 'next'])
          expect(histories.map((one) => one.name)).to.include(join(version, `${kind}-${ending}.json`));
    for (const name of ['prompt', 'serving', 'index', 'version'])
      expect(histories.map((one) => one.name)).to.include(join('next', `release-${name}.json`));
    for (const name of [
      'lifecycle-removed',
      'scheduled-trigger-asked',
      'promotion-watch-asked',
      'feedback-watch-asked',
    ])
      expect(histories.map((one) => one.name)).to.include(join('next', `${name}.json`));
    for (const { file } of sideWork) expect(histories.map((one) => one.name)).to.include(join('next', `${file}.json`));
    for (const { file } of [...accidents, ...rareBranches])
      expect(histories.map((one) => one.name)).to.include(join('next', `${file}.json`));
    for (const kind of ['load', 'shadow'])
      expect(histories.map((one) => one.name)).to.include(join('next', `${kind}-promoted.json`));
    expect(await replay(histories, await workflowBundle())).to.deep.equal([]);
  });

  it('hold every activity that a workflow asks for', async () => {
    const world = await createWorld();
    await world.dispose();
    const next = (await readHistories()).filter((one) => one.name.startsWith('next'));
    const held = new Set(
      next.flatMap(({ history }) =>
        history.events.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType.name ?? []),
      ),
    );
    expect(Object.keys(world.activities).filter((name) => !held.has(name))).to.deep.equal([]);
  });

  it('name the step where commands come in another order', async () => {
    const changed = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url)),
      workflowInterceptorModules: [fileURLToPath(new URL('changed/another-order.ts', import.meta.url))],
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    });
    const promoted = (await readHistories()).filter((one) => /next.release-promoted\.json$/.test(one.name));
    const problems = await replay(promoted, changed);
    expect(problems).to.have.length(1);
    expect(problems[0]).to.include({ step: 'startTraining (start the training job)' });
  });
});
