import Table from 'cli-table3';
import type { Command } from 'commander';
import { loadWorkerVersion } from '../../../config/worker-version.js';
import { describeWorkers, type WorkerDeployment } from '../../worker-versions.js';
import { verb, withClient, type CommandContext } from '../command-context.js';

const shownWorkflows = 10;

/** The versions as a table, with what still runs on each. */
export function workersText({ deploymentName, versions, percentage }: WorkerDeployment): string {
  const table = new Table({ head: ['build', 'role', 'running', 'workflows'], style: { head: [], border: [] } });
  for (const { buildId, role, running } of versions) {
    const more = running.length > shownWorkflows ? [`and ${running.length - shownWorkflows} more`] : [];
    table.push([
      buildId,
      role === 'ramping' ? `ramping, ${percentage} %` : role,
      String(running.length),
      [...running.slice(0, shownWorkflows), ...more].join('\n'),
    ]);
  }
  return `${deploymentName}\n${table.toString()}`;
}

/** `worker status`: which version is current, and who is still on an old one. */
export const addWorkerStatus = (worker: Command, context: CommandContext): Command =>
  verb<object>({
    command: worker.command('status').description('which version is current, and what still runs on the others'),
    context,
    run: () =>
      withClient(context.settings(), async ({ temporal }) => {
        const { deploymentName } = loadWorkerVersion();
        const described = await describeWorkers({ temporal, deploymentName });
        return { code: 0, data: described, text: workersText(described) };
      }),
  });
