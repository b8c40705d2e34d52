import { z } from 'zod';
import { readEnvironment, type Environment, type SettingDefinition } from './read-environment.js';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'expected letters, digits, "_" and "-", 100 at most')
  .optional();
const build = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'expected letters, digits, ".", "_" and "-", 100 at most')
  .optional();

const definitions = {
  UNDERSTUDY_BUILD_ID: {
    schema: build,
    mend: 'Name this build of the workers, such as a commit or a release, or unset it: then workers have no versions.',
  },
  UNDERSTUDY_DEPLOYMENT: { schema: name, mend: 'Name what all builds of these workers have in common, or unset it.' },
} satisfies Record<string, SettingDefinition<unknown>>;

/** What a worker is known by where workers have versions. */
export interface WorkerVersion {
  deploymentName: string;
  buildId: string;
}

/**
 * The version of this process's workers, null where they have none; and the deployment that versions belong to.
 * @throws SettingsError
 */
export function readWorkerVersion({ environment }: { environment: Environment }): {
  deploymentName: string;
  version: WorkerVersion | null;
} {
  const { UNDERSTUDY_BUILD_ID: buildId, UNDERSTUDY_DEPLOYMENT: deploymentName = 'understudy' } = readEnvironment({
    environment,
    definitions,
  });
  return { deploymentName, version: buildId === undefined ? null : { deploymentName, buildId } };
}

/** @throws SettingsError */
export const loadWorkerVersion = (): ReturnType<typeof readWorkerVersion> =>
  readWorkerVersion({ environment: process.env });
