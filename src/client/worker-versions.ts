import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowNotFoundError, isGrpcServiceError, type Client } from '@temporalio/client';
import { isNotFound } from '../adapters/temporal/is-not-found.js';
import { workflowIds } from '../contracts/names.js';

/** A version of the workers, and what still runs on it. */
export interface DescribedWorkerVersion {
  buildId: string;
  /** What new workflows begin on; `ramping` takes the share of `WorkerDeployment.percentage`. */
  role: 'current' | 'ramping' | 'old';
  /** Ids of running workflows. */
  running: string[];
}

export interface WorkerDeployment {
  deploymentName: string;
  /** Null where what has no version is current. */
  current: string | null;
  ramping: string | null;
  /** 0..100 */
  percentage: number;
  versions: DescribedWorkerVersion[];
}

interface Place {
  temporal: Client;
  deploymentName: string;
}

/** gRPC's own number of FAILED_PRECONDITION. */
const failedPrecondition = 9;

const serviceOf = (temporal: Client) => temporal.connection.workflowService;
const namespaceOf = (temporal: Client): string => temporal.options.namespace;

const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;

async function runningOn({ temporal, deploymentName, buildId }: Place & { buildId: string }): Promise<string[]> {
  const version = quoted(`${deploymentName}:${buildId}`);
  const query = `ExecutionStatus = 'Running' AND TemporalWorkerDeploymentVersion = ${version}`;
  const ids: string[] = [];
  for await (const { workflowId } of temporal.workflow.list({ query })) ids.push(workflowId);
  return ids.sort();
}

async function deploymentOf({ temporal, deploymentName }: Place) {
  const { workerDeploymentInfo } = await serviceOf(temporal)
    .describeWorkerDeployment({ namespace: namespaceOf(temporal), deploymentName })
    .catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
      throw new Error(
        `no worker of deployment ${deploymentName} has ever begun; start workers with UNDERSTUDY_BUILD_ID, and with UNDERSTUDY_DEPLOYMENT where they have another name`,
        { cause: error },
      );
    });
  const routing = workerDeploymentInfo?.routingConfig;
  return {
    current: routing?.currentDeploymentVersion?.buildId ?? null,
    ramping: routing?.rampingDeploymentVersion?.buildId ?? null,
    percentage: routing?.rampingVersionPercentage ?? 0,
    builds: (workerDeploymentInfo?.versionSummaries ?? []).flatMap(
      ({ deploymentVersion }) => deploymentVersion?.buildId ?? [],
    ),
  };
}

/**
 * The versions of a deployment, and which workflows are still on each.
 * @throws Error where no worker of the deployment was ever there
 */
export async function describeWorkers({ temporal, deploymentName }: Place): Promise<WorkerDeployment> {
  const { current, ramping, percentage, builds } = await deploymentOf({ temporal, deploymentName });
  const versions: DescribedWorkerVersion[] = [];
  for (const buildId of builds)
    versions.push({
      buildId,
      role: buildId === current ? 'current' : buildId === ramping ? 'ramping' : 'old',
      running: await runningOn({ temporal, deploymentName, buildId }),
    });
  return { deploymentName, current, ramping, percentage, versions };
}

/** @throws Error naming the builds that there are, where no worker of this one has begun. */
export async function requireVersion({
  temporal,
  deploymentName,
  buildId,
}: Place & { buildId: string }): Promise<void> {
  const { versions } = await describeWorkers({ temporal, deploymentName });
  if (versions.some((one) => one.buildId === buildId)) return;
  const known = versions.map((one) => one.buildId).join(', ') || 'none';
  throw new Error(
    `no worker of build ${buildId} has begun yet; start one with UNDERSTUDY_BUILD_ID=${buildId} (builds that have: ${known})`,
  );
}

const clearRamp = ({ temporal, deploymentName }: Place) =>
  serviceOf(temporal).setWorkerDeploymentRampingVersion({
    ...{ namespace: namespaceOf(temporal), deploymentName, identity: 'understudy' },
    // No build and no share: no version ramps. A build with a share of 0 would go on being called the ramping one.
    ...{ buildId: '', percentage: 0 },
  });

/** Why the current version can't have a share like others; what it has is what no other ramps with. */
function shareOfCurrent({ buildId, ramping }: { buildId: string; ramping: string | null }): string {
  const mend =
    ramping === null
      ? 'no other build ramps, so it has all; give the build that is to take over a share instead'
      : `"understudy worker rollout --build ${ramping} --percentage 0" takes the ramp of ${ramping} back`;
  return `build ${buildId} is the current one already: ${mend}`;
}

/**
 * Sends so many percent of new and auto-upgrading work to a version: 0 takes its ramp back, 100 makes it the current one
 * and leaves no other a share.
 * Workers that have just begun tell the server of one queue after another, and until it has heard of all that the
 * current version serves it refuses the version: such a refusal is asked again until `patienceMs` (30 s) have passed.
 * @throws RangeError where the current version is given less than all.
 * @throws Error with what the server says is missing, where it refuses still
 */
export async function rollOutWorkers({
  temporal,
  deploymentName,
  buildId,
  percentage,
  patienceMs = 30_000,
}: Place & { buildId: string; percentage: number; patienceMs?: number }): Promise<void> {
  const place = { temporal, deploymentName };
  const { current, ramping } = await deploymentOf(place);
  if (buildId === current && percentage < 100) throw new RangeError(shareOfCurrent({ buildId, ramping }));
  if (percentage === 0) {
    if (ramping === buildId) await clearRamp(place);
    return;
  }
  await giveShare({ ...place, buildId, percentage, patienceMs });
  if (percentage >= 100 && (await deploymentOf(place)).percentage > 0) await clearRamp(place);
}

async function giveShare({
  temporal,
  deploymentName,
  buildId,
  percentage,
  patienceMs,
}: Place & { buildId: string; percentage: number; patienceMs: number }): Promise<void> {
  const common = { namespace: namespaceOf(temporal), deploymentName, buildId, identity: 'understudy' };
  const until = Date.now() + patienceMs;
  for (;;)
    try {
      if (percentage >= 100) await serviceOf(temporal).setWorkerDeploymentCurrentVersion(common);
      else await serviceOf(temporal).setWorkerDeploymentRampingVersion({ ...common, percentage });
      return;
    } catch (error) {
      if (!isGrpcServiceError(error) || Number(error.code) !== failedPrecondition) throw error;
      if (Date.now() >= until)
        throw new Error(
          `the server refuses build ${buildId} of deployment ${deploymentName}: ${error.details}; see that its workers serve every queue that those of the current version do, then ask again`,
          { cause: error },
        );
      await pause(500);
    }
}

/** The workflows of a release that run now, itself first. */
export async function runningOfRelease({
  temporal,
  releaseId,
}: {
  temporal: Client;
  releaseId: string;
}): Promise<string[]> {
  const ids = (['release', 'evaluation', 'rollout', 'shadow', 'load'] as const).map((kind) =>
    workflowIds[kind](releaseId),
  );
  const states = await Promise.all(
    ids.map((id) =>
      temporal.workflow
        .getHandle(id)
        .describe()
        .then(({ status }) => status.name)
        .catch((error: unknown) => {
          if (error instanceof WorkflowNotFoundError) return null;
          throw error;
        }),
    ),
  );
  return ids.filter((_, index) => states[index] === 'RUNNING');
}

/** Pins workflows to another version, which goes on with them from where they are. */
export async function pinWorkflows({
  temporal,
  deploymentName,
  buildId,
  workflowIds: ids,
}: Place & { buildId: string; workflowIds: readonly string[] }): Promise<void> {
  const pinnedBehavior = 1;
  for (const workflowId of ids)
    await serviceOf(temporal).updateWorkflowExecutionOptions({
      namespace: namespaceOf(temporal),
      workflowExecution: { workflowId },
      workflowExecutionOptions: {
        versioningOverride: { pinned: { behavior: pinnedBehavior, version: { deploymentName, buildId } } },
      },
      updateMask: { paths: ['versioning_override'] },
    });
}
