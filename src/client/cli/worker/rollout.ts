import type { Command } from 'commander';
import { loadWorkerVersion } from '../../../config/worker-version.js';
import { describeWorkers, requireVersion, rollOutWorkers } from '../../worker-versions.js';
import { CannotRun, verb, withClient, type CommandContext } from '../command-context.js';
import { numberBetween } from '../number-option.js';
import { workersText } from './status.js';

/** `worker rollout`: gives a new version its work step by step. */
export const addWorkerRollout = (worker: Command, context: CommandContext): Command =>
  verb<{ percentage: number; build?: string }>({
    command: worker
      .command('rollout')
      .description('let new releases, and the lifecycles, go to a version of the workers; running releases stay')
      .option('--build <id>', 'the version; UNDERSTUDY_BUILD_ID where it is left out')
      .option(
        '--percentage <number>',
        'share of the work, 0 to 100; 0 takes its ramp back, 100 makes it current and ends every ramp',
        numberBetween(0, 100),
        100,
      ),
    context,
    run: ({ options: { build, percentage } }) =>
      withClient(context.settings(), async ({ temporal }) => {
        const { deploymentName, version } = loadWorkerVersion();
        const buildId = build ?? version?.buildId;
        if (buildId === undefined)
          throw new CannotRun('which version? name it with --build, or set UNDERSTUDY_BUILD_ID');
        await requireVersion({ temporal, deploymentName, buildId });
        await rollOutWorkers({ temporal, deploymentName, buildId, percentage });
        const described = await describeWorkers({ temporal, deploymentName });
        return { code: 0, data: described, text: workersText(described) };
      }),
  });
