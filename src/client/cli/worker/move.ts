import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Command } from 'commander';
import { loadWorkerVersion } from '../../../config/worker-version.js';
import { workflowCode } from '../../../workers/workflow-code.js';
import { moveRelease } from '../../move-release.js';
import { requireVersion } from '../../worker-versions.js';
import { CannotRun, temporalPlace, verb, withClient, type CommandContext } from '../command-context.js';

/** `worker move RELEASE`: lets another version go on with a running release. */
export const addMove = (worker: Command, context: CommandContext): Command =>
  verb<{ build?: string }>({
    command: worker
      .command('move')
      .description('let the version of this checkout go on with a running release, once its histories replay on it')
      .argument('<release>')
      .option('--build <id>', 'the version; UNDERSTUDY_BUILD_ID where it is left out'),
    context,
    run: ({ arguments: [releaseId = ''], options: { build } }) =>
      withClient(context.settings(), async ({ temporal }) => {
        const { deploymentName, version } = loadWorkerVersion();
        const buildId = build ?? version?.buildId;
        if (buildId === undefined)
          throw new CannotRun('which version? name it with --build, or set UNDERSTUDY_BUILD_ID');
        if (version && version.buildId !== buildId)
          throw new CannotRun(
            `this checkout is build ${version.buildId}, which says nothing about ${buildId}; move the release from a checkout of ${buildId}`,
          );
        await requireVersion({ temporal, deploymentName, buildId });
        // A replay is a worker to the SDK, which tells of each step of it.
        Runtime.install({ logger: new DefaultLogger('WARN') });
        const { dataConverter } = await temporalPlace(context.settings());
        const { moved, problems } = await moveRelease({
          ...{ temporal, deploymentName, buildId, releaseId },
          options: {
            ...workflowCode({ encrypted: dataConverter !== undefined }),
            ...(dataConverter && { dataConverter }),
          },
        });
        for (const { workflowId, step, message } of problems)
          context.say(`${workflowId} does not replay on build ${buildId}, at ${step}: ${message}`);
        return problems.length > 0
          ? { code: 1, data: { releaseId, buildId, moved, problems }, text: `${releaseId} stays where it is` }
          : {
              code: 0,
              data: { releaseId, buildId, moved, problems },
              text: `now on build ${buildId}: ${moved.join(', ')}`,
            };
      }),
  });
