import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type ReplayResult } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { expect } from 'chai';
import '../support/temporal.js';
import { workflowBundle } from '../workflows/support/stage.js';
import { historyFromFile, type HistoryFile } from './history-file.js';

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

async function replay(histories: Recorded[]): Promise<ReplayResult[]> {
  const results: ReplayResult[] = [];
  const parsed = histories.map((one) => ({ workflowId: one.workflowId, history: historyFromFile(one) }));
  const replayed = Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, parsed);
  for await (const result of replayed) results.push(result);
  return results;
}

describe('histories of released versions', function () {
  this.timeout(180_000);

  it('replay on the workflows of today', async () => {
    const histories = await readHistories();
    for (const kind of ['lifecycle', 'release', 'evaluation', 'rollout'])
      for (const ending of kind === 'lifecycle' ? ['continued', 'after'] : ['promoted', 'rolled-back-by-guard'])
        for (const version of ['0.1.0', 'next'])
          expect(histories.map((one) => one.name)).to.include(join(version, `${kind}-${ending}.json`));
    for (const kind of ['load', 'shadow'])
      expect(histories.map((one) => one.name)).to.include(join('next', `${kind}-promoted.json`));
    const results = await replay(histories);
    expect(results).to.have.length(histories.length);
    const broken = results.flatMap(({ workflowId, error }) => (error ? [`${workflowId}: ${error.message}`] : []));
    expect(broken).to.deep.equal([]);
  });

  it('do not replay when commands come in another order', async () => {
    const [promoted] = (await readHistories()).filter((one) => one.name.endsWith('rollout-promoted.json'));
    const scheduled = promoted!.history.events.flatMap((one) => one.activityTaskScheduledEventAttributes ?? []);
    const [first, second] = scheduled;
    [first!.activityType, second!.activityType] = [second!.activityType, first!.activityType];
    const [result] = await replay([promoted!]);
    expect(result!.error).to.be.instanceOf(DeterminismViolationError);
  });
});
