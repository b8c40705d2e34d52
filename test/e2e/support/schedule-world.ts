import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { stringify } from 'yaml';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { UnderstudyClient } from '../../../src/client/index.js';
import { workflowIds } from '../../../src/contracts/names.js';
import { localEnvironment } from '../../support/temporal.js';

/** A real server, a store and a new model for each test of a suite; call it inside `describe`. */
export function scheduleWorld() {
  let environment: TestWorkflowEnvironment;
  let folder: string;
  let model: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-schedule-'));
    environment = await localEnvironment({ databaseFile: join(folder, 'temporal.db') });
    await writeFile(join(folder, 'golden.jsonl'), '{"id":"1","input":"q","reference":"a"}\n');
  });
  after(async () => {
    await environment?.teardown();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    model = `m${randomUUID().slice(0, 8)}`;
  });

  return {
    environment: (): TestWorkflowEnvironment => environment,
    model: (): string => model,
    /** Writes the spec of the test's model; `data`, `triggers` and `batch` are added to it. Returns its path. */
    specFile: async ({
      data = {},
      ...parts
    }: {
      data?: object;
      triggers?: object;
      batch?: object;
    }): Promise<string> => {
      const path = join(folder, `${model}.yaml`);
      const source = { kind: 'csv', uri: 'tickets.csv' };
      const document = {
        ...{ apiVersion: 'understudy/v1', model, base: { id: 'base' } },
        data: { recipe: 'support-tickets', source, goldenSet: 'golden.jsonl', ...data },
        ...{ evaluation: { preset: 'support-deterministic' }, ...parts },
      };
      await writeFile(path, stringify(document));
      return path;
    },
    clientOver: (queuePrefix: string): UnderstudyClient =>
      UnderstudyClient.over({
        temporal: environment.client,
        store: new DirectoryStore({ root: join(folder, 'store') }),
        queuePrefix,
      }),
    endLifecycle: () =>
      environment.client.workflow.getHandle(workflowIds.lifecycle(model)).terminate('the test is over'),
  };
}
