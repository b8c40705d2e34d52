import { join } from 'node:path';
import proto from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { patientQueries } from '../../src/client/patient-queries.js';
import { newestInCache } from './cache.js';

/** As our own clients: a worker refuses queries that it cannot be sure of. */
const client = { interceptors: { workflow: [patientQueries] } };
const searchAttributeNames = ['Model', 'Release', 'Stage', 'Verdict', 'Trigger'];
const keyword = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;

const quieted = Symbol.for('understudy.test.runtime');
const shared = globalThis as { [quieted]?: true };

// Mocha loads some test files by require and others by import, and this module with each: the process has one runtime.
if (!shared[quieted]) {
  Runtime.install({
    // What Ctrl-C means is up to who runs the tests: a run of chaos goes on, and replays what it has played.
    shutdownSignals: [],
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }), forward: {} },
    },
  });
  shared[quieted] = true;
}

/** A command of the newest environment `name` that the project's set-up made. Throws, saying how to get one. */
export const findCommand = ({ environment, command }: { environment: string; command: string }): Promise<string> =>
  newestInCache({ kind: 'venvs', name: environment, proof: join('bin', command) });

/** A server whose clock jumps over every sleep. */
export async function timeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const path = await findCommand({ environment: 'temporal', command: 'temporal-test-server' });
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    client,
    server: { executable: { type: 'existing-path', path } },
  });
  await environment.connection.operatorService.addSearchAttributes({
    namespace: environment.namespace ?? 'default',
    searchAttributes: Object.fromEntries(searchAttributeNames.map((name) => [name, keyword])),
  });
  return environment;
}

/**
 * The dev server, for what the time-skipping one lacks: Schedules, listing, search attributes, limits. In memory unless
 * `databaseFile` names an SQLite file; with its web UI where `uiPort` says so.
 */
export async function localEnvironment({
  databaseFile,
  uiPort,
  dynamicConfig = [],
}: { databaseFile?: string; uiPort?: number; dynamicConfig?: string[] } = {}): Promise<TestWorkflowEnvironment> {
  const path = await findCommand({ environment: 'temporal', command: 'temporal' });
  const attributes = searchAttributeNames.flatMap((name) => ['--search-attribute', `${name}=Keyword`]);
  return await TestWorkflowEnvironment.createLocal({
    client,
    server: {
      executable: { type: 'existing-path', path },
      extraArgs: [
        ...attributes,
        ...dynamicConfig.flatMap((value) => ['--dynamic-config-value', value]),
        ...['--output', 'none'],
      ],
      ...(databaseFile ? { dbFilename: databaseFile } : {}),
      ...(uiPort ? { uiPort } : {}),
    },
  });
}
