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
      .option('--build <id>', 'the version; has to be UNDERSTUDY_BUILD_ID, which says what this checkout is'),
    context,
    run: async ({ arguments: [releaseId = ''], options: { build } }) => {
      const { deploymentName, buildId } = checkedBuild({ releaseId, build });
      return await withClient(context.settings(), async ({ temporal }) => {
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
        const checked = `replayed on this checkout, which UNDERSTUDY_BUILD_ID says is build ${buildId}`;
        const text =
          problems.length > 0 ? `${releaseId} stays where it is` : `now on build ${buildId}: ${moved.join(', ')}`;
        return {
          code: problems.length > 0 ? 1 : 0,
          data: { releaseId, buildId, checkedBuild: buildId, moved, problems },
          text: `${text} (${checked})`,
        };
      });
    },
  });

/**
 * The build that the release moves to, which has to be the one that this checkout says it is: what is replayed here says
 * nothing about the code of another.
 */
function checkedBuild({ releaseId, build }: { releaseId: string; build: string | undefined }) {
  const { deploymentName, version } = loadWorkerVersion();
  if (version === null)
    throw new CannotRun(
      `UNDERSTUDY_BUILD_ID: is not set, so that nothing says which build this checkout is, on which the histories of ${releaseId} are replayed; expected the build to move to, in a checkout of it: UNDERSTUDY_BUILD_ID=${build ?? 'BUILD'} understudy worker move ${releaseId}`,
    );
  const { buildId } = version;
  if (build !== undefined && build !== buildId)
    throw new CannotRun(
      `this checkout is build ${buildId}, which says nothing about ${build}; move the release from a checkout of ${build}`,
    );
  return { deploymentName, buildId };
}
