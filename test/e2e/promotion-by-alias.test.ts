import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { MlflowClient } from 'mlflow-ts-client';
import {
  startMlflow,
  webhooksToThisMachine,
  type MlflowServer,
} from '../../packages/mlflow-ts-client/test/support/mlflow-server.js';
import { createPromotionActivities } from '../../src/activities/promotions.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { MlflowRegistry } from '../../src/adapters/mlflow-registry/mlflow-registry.js';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import type { ArtifactRef } from '../../src/domain/artifact-ref.js';
import { canonicalJson } from '../../src/domain/release/evidence.js';
import { parseModelSpec } from '../../src/domain/spec/model-spec.js';
import { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { promotionWatch } from '../../src/workflows/promotion-watch.js';
import { localEnvironment } from '../support/temporal.js';
import { record as sample } from '../unit/report/sample-release.js';
import { onStage } from '../workflows/support/stage.js';
import { waitFor } from '../workflows/support/started-release.js';
import { ref } from '../workflows/support/world.js';

const model = 'support-assistant';
const main = fileURLToPath(new URL('../../src/client/cli/main.ts', import.meta.url));

describe('the alias promote on a real MLflow server', function () {
  this.timeout(120_000);
  let folder: string;
  let mlflow: MlflowServer;
  let environment: TestWorkflowEnvironment;
  let store: DirectoryStore;
  let serving: ChildProcess | null = null;
  const client = () => new MlflowClient({ trackingUri: mlflow.uri, retries: 0 });
  const registry = () => new MlflowRegistry({ client: client() });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-promotion-'));
    store = new DirectoryStore({ root: join(folder, 'store') });
    [mlflow, environment] = await Promise.all([
      startMlflow({ directory: folder, environment: webhooksToThisMachine }),
      localEnvironment(),
    ]);
  });
  after(async () => {
    serving?.kill('SIGKILL');
    await environment?.teardown();
    await mlflow?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const put = (key: string, value: unknown) => store.put({ key, body: Buffer.from(canonicalJson(value)) });

  /** A spec in the store; `lease` tells the rules of one from those of another. */
  async function specification({ prompt, lease }: { prompt: string; lease: string }): Promise<ArtifactRef> {
    const golden = await put('golden/m/v1.jsonl', {});
    const { spec } = parseModelSpec({
      ...{ apiVersion: 'understudy/v1', model, base: { id: 'base' }, rollout: { lease } },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
      evaluation: { preset: 'support-deterministic' },
    });
    return await put(`specs/${model}/${prompt}.json`, {
      ...{ version: 1, spec, promptDigest: prompt, overlays: [] },
      prompt: { system: prompt, template: '{query}', maxTokens: 32, temperature: 0 },
      golden: { name: model, version: 'v1', ref: golden },
    });
  }

  /** A version that a release registered, with its record. */
  async function registered({ releaseId, prompt }: { releaseId: string; prompt: string }): Promise<string> {
    const { runId } = await registry().ensureRun({ model, releaseId, tags: {} });
    const { version } = await registry().ensureVersion({ model, releaseId, runId, tags: {} });
    await put(storeKeys.record({ releaseId }), {
      ...{ ...sample, model, releaseId, kind: 'training', adapter: ref(`adapter-of-${releaseId}`) },
      specification: await specification({ prompt, lease: '10m' }),
    });
    return version;
  }

  it('asks for the rollout of the version, and the record names who moved it', async () => {
    const version = await registered({ releaseId: `${model}-r90`, prompt: 'then' });
    const current = await specification({ prompt: 'now', lease: '7m' });
    await onStage({
      environment,
      script: { rollout: { bake: { duration: 'PT0S' }, approval: { automatic: true } } },
      activities: createPromotionActivities({ store, registry: registry() }),
      play: async ({ orchestration, world }) => {
        const { workflow } = environment.client;
        const lifecycle = await workflow.start(modelLifecycle, {
          workflowId: workflowIds.lifecycle(model),
          taskQueue: orchestration,
          args: [{ model, specification: current, state: null }],
        });
        const look = (workflowId: string) =>
          workflow.execute(promotionWatch, { workflowId, taskQueue: orchestration, args: [] });
        await look('before');
        await client().modelVersions.setTag({ name: model, version, key: 'understudy.promotedBy', value: 'bob' });
        await client().registeredModels.setAlias({ name: model, alias: 'promote', version });
        await look('after');
        const { input } = await waitFor(async () => world.closed[0] ?? null);
        expect(input).to.deep.include({ trigger: 'promotion', requestedBy: ['bob'], kind: 'training' });
        expect(input.reasons).to.deep.equal([`the alias promote was moved to version ${version}`]);
        expect(input.candidate).to.deep.include({ version, adapter: ref(`adapter-of-${model}-r90`) });
        const composed = JSON.parse(await text(input.specification)) as {
          promptDigest: string;
          spec: { rollout: object };
        };
        expect(composed.promptDigest).to.equal('then');
        expect(composed.spec.rollout).to.include({ lease: 'PT7M' });

        const moved = await waitFor(async () =>
          (await registry().describeVersion({ model, version }))!.aliases.includes('promote')
            ? null
            : await registry().describeVersion({ model, version }),
        );
        expect(moved.tags['understudy.promotion']).to.match(/^queued: support-assistant-r1: starts now$/);
        expect(moved.tags['understudy.promotedBy']).to.equal('');
        await look('once more');
        expect((await lifecycle.query(lifecycleMessages.describe)).releaseCount).to.equal(1);

        const hook = await serveWebhook();
        await client().registeredModels.setAlias({ name: model, alias: 'promote', version: await foreign() });
        // The second time MLflow tells by itself.
        const refused = await waitFor(
          async () =>
            (await client().modelVersions.get({ name: model, version: '2' })).tags['understudy.promotion'] ?? null,
        );
        expect(refused).to.match(/^refused: no release registered version 2/);
        expect(await hook.stop()).to.contain(`${model}: version 2 carries the alias promote`);
        await lifecycle.terminate('the test is over');
      },
    });
  });

  /** The commands that take MLflow's webhook and have MLflow post to it; `stop` gives what the first has said. */
  async function serveWebhook(): Promise<{ stop: () => Promise<string> }> {
    const command = (...line: string[]) =>
      spawn(process.execPath, ['--import', 'tsx', main, 'promotions', ...line], {
        env: {
          ...process.env,
          TEMPORAL_ADDRESS: environment.address,
          MLFLOW_TRACKING_URI: mlflow.uri,
          UNDERSTUDY_HOME: folder,
          UNDERSTUDY_MLFLOW_WEBHOOK_SECRET: 'a secret of sixteen or more',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    const server = command('serve', '--port', '0');
    serving = server;
    let said = '';
    server.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const url = await waitFor(async () => /http:\S+\/mlflow/.exec(said)?.[0] ?? null);
    const registering = command('register', url);
    let answer = '';
    registering.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
    await once(registering, 'close');
    expect(answer).to.contain('MLflow tried it: HTTP 200');
    return {
      stop: async () => {
        server.kill('SIGTERM');
        await once(server, 'close');
        return said;
      },
    };
  }

  /** A version that somebody registered by hand. */
  async function foreign(): Promise<string> {
    const { version } = await client().modelVersions.create({ name: model, source: 's3://models/by-hand' });
    return version;
  }

  const text = async ({ uri }: ArtifactRef): Promise<string> =>
    Buffer.from((await store.get({ key: uri.slice('store://'.length) }))!.body).toString('utf8');
});
