import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateModelImportJobCommand } from '@aws-sdk/client-bedrock';
import { expect } from 'chai';
import { adapterManifest, manifestKey } from '../../src/adapters/adapter-manifest.js';
import { BedrockChat } from '../../src/adapters/bedrock/bedrock-chat.js';
import { BedrockServing, type BedrockServingSettings } from '../../src/adapters/bedrock/bedrock-serving.js';
import { importName } from '../../src/adapters/bedrock/import-name.js';
import { MergedWeights } from '../../src/adapters/bedrock/merged-weights.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import type { ArtifactRef } from '../../src/domain/artifact-ref.js';
import { sha256Hex } from '../../src/domain/release/evidence.js';
import { BedrockStub } from '../support/bedrock-stub/server.js';
import { describeServingPlatform } from './serving-platform-contract.js';
import { expectPortError } from './support/expect-port-error.js';

const base = 'tiny';
const model = 'parcels';

/** In the place of Python: writes what it was asked for as the merged weights, or fails as the adapter says. */
const merging = `
const { readFileSync, mkdirSync, writeFileSync, existsSync } = require('node:fs');
const options = process.argv.slice(2);
const of = (name) => options[options.indexOf('--' + name) + 1];
const weights = options.includes('--adapter') ? readFileSync(of('adapter') + '/adapter_model.safetensors', 'utf8') : 'none';
if (weights === 'misfit') { console.error('adapter: does not fit the base'); process.exit(2); }
mkdirSync(of('output'));
writeFileSync(of('output') + '/model.safetensors', of('base') + ' and ' + weights);
`;

class World {
  stub = new BedrockStub();
  store!: DirectoryStore;
  folder = '';
  adapter!: ArtifactRef;
  settings!: BedrockServingSettings;

  async open(): Promise<void> {
    await this.stub.listen();
    this.stub.imports.quota = 10;
    this.folder = await mkdtemp(join(tmpdir(), 'bedrock-serving-'));
    this.store = new DirectoryStore({ root: join(this.folder, 'store') });
    const script = join(this.folder, 'merge.cjs');
    await writeFile(script, merging);
    this.adapter = await this.putAdapter('weights');
    const { store, stub } = this;
    this.settings = {
      region: 'us-east-1',
      client: stub.clients('us-east-1').control,
      roleArn: 'arn:aws:iam::123456789012:role/import',
      kmsKey: null,
      subnets: [],
      securityGroups: [],
      tags: { team: 'search' },
      store,
      uriOf: (key) => `s3://bucket/${key}`,
      merged: new MergedWeights({
        store,
        python: process.execPath,
        script,
        baseModels: { [base]: '/bases/tiny' },
        environment: {},
      }),
      chat: new BedrockChat({ clients: stub.clients, timeoutMilliseconds: 2000 }),
      mostModels: 10,
    };
  }

  async putAdapter(weights: string): Promise<ArtifactRef> {
    const prefix = `releases/${weights}/adapter`;
    const body = Buffer.from(weights);
    await this.store.put({ key: `${prefix}/adapter_model.safetensors`, body });
    const files = [{ name: 'adapter_model.safetensors', sha256: sha256Hex(body), bytes: body.byteLength }];
    return await this.store.put({ key: manifestKey(prefix), body: adapterManifest(files) });
  }

  /** As another worker would see it, whose folder of Python is the same. */
  serving(change: Partial<BedrockServingSettings> = {}): BedrockServing {
    return new BedrockServing({ ...this.settings, ...change });
  }

  /** Looks until it is ready, and returns every reason on the way once. */
  async reasons(releaseId: string, serving = this.serving()): Promise<string[]> {
    const reasons: string[] = [];
    for (let looks = 0; looks < 400; looks += 1) {
      const { ready, reason } = await serving.readiness({ releaseId });
      if (reasons.at(-1) !== reason) reasons.push(reason);
      if (ready) return reasons;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`not ready: ${reasons.join('; ')}`);
  }

  async reasonsUntil(releaseId: string, text: string): Promise<void> {
    for (;;) {
      const { ready, reason } = await this.serving().readiness({ releaseId });
      if (reason.includes(text)) return;
      if (ready) throw new Error(`${releaseId} was ready before it was ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async close(): Promise<void> {
    await this.stub.close();
    await rm(this.folder, { recursive: true });
  }
}

describe('BedrockServing by the contract', () => {
  const world = new World();
  before(() => world.open());
  after(() => world.close());

  describeServingPlatform({
    name: 'BedrockServing',
    open: () => world.serving(),
    base,
    adapter: () => world.adapter,
    ask: async ({ endpoint, adapter }) => {
      const messages = [{ role: 'user' as const, content: 'Where is it?' }];
      const asked = { endpoint, model: adapter, messages, maxTokens: 8, temperature: 0 };
      return (await world.settings.chat.complete({ ...asked, signal: new AbortController().signal })).text;
    },
    withinMilliseconds: 10_000,
  });
});

describe('BedrockServing', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    await world.open();
  });
  afterEach(() => world.close());

  const releaseId = 'parcels.de-r1';
  const deploy = (change: { adapter?: ArtifactRef } = {}, serving = world.serving()) =>
    serving.deploy({ model, releaseId, base, adapter: world.adapter, ...change });
  const nameOf = (adapter = world.adapter) => importName({ releaseId, release: { model, base, adapter } });

  it('merges, imports once under a name of ours, and is ready when the model answers', async () => {
    const { adapter } = await deploy();
    expect(adapter).to.equal(`imported/${nameOf()}`);
    expect(nameOf()).to.match(/^parcels-de-r1-[0-9a-f]{10}$/);
    const reasons = await world.reasons(releaseId);
    expect(reasons).to.deep.equal(
      [
        `${nameOf()}: base and adapter are being merged`,
        `${nameOf()}: import 1 has begun`,
        `import job ${nameOf()}-1 is in progress`,
        `import job ${nameOf()}-1 has completed, and its model is not there (yet)`,
        `${nameOf()} answers`,
      ].slice(reasons[0]!.includes('merged') ? 0 : 1),
    );
    const created = world.stub.seen.filter(({ method, path }) => method === 'POST' && path === '/model-import-jobs');
    expect(created).to.have.length(1);
    expect(created[0]!.body).to.deep.include({
      importedModelName: nameOf(),
      modelDataSource: { s3DataSource: { s3Uri: `s3://bucket/releases/${releaseId}/merged/${nameOf()}/` } },
      importedModelTags: [
        { key: 'team', value: 'search' },
        { key: 'understudy:release', value: releaseId },
      ],
    });
    const weights = await world.store.get({ key: `releases/${releaseId}/merged/${nameOf()}/model.safetensors` });
    expect(Buffer.from(weights!.body).toString()).to.equal('/bases/tiny and weights');
  });

  it('names long releases within the limits of Bedrock, and different weights differently', async () => {
    const long = importName({
      releaseId: `${'a-very-long.name--of_a.model-'.repeat(4)}r12`,
      release: { model, base, adapter: world.adapter },
    });
    expect(long).to.match(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(`${long}-100`.length).to.be.at.most(63);
    const other = await world.putAdapter('other');
    expect(nameOf(other)).to.not.equal(nameOf());
  });

  it('waits while an imported model is loaded again', async () => {
    world.stub.coldCalls = 3;
    await deploy();
    const reasons = await world.reasons(releaseId);
    expect(reasons.at(-2)).to.include('ModelNotReadyException');
  });

  it("gives up with Bedrock's own words where an import failed, and tries anew when it is deployed again", async () => {
    world.stub.imports.failures = ['The model architecture is not supported.'];
    await deploy();
    await expectPortError(
      world.reasons(releaseId),
      'NotReady',
      `${nameOf()}-1`,
      'The model architecture is not supported.',
    );
    await deploy();
    expect((await world.reasons(releaseId)).at(-1)).to.equal(`${nameOf()} answers`);
    expect([...world.stub.imports.jobs.keys()]).to.deep.equal([`${nameOf()}-1`, `${nameOf()}-2`]);
  });

  it('says what keeps weights from being merged', async () => {
    const misfit = await world.putAdapter('misfit');
    await deploy({ adapter: misfit });
    await expectPortError(world.reasons(releaseId), 'InvalidInput', 'does not fit the base');
  });

  it('refuses a model of its name that somebody else imported', async () => {
    const foreign = { jobName: 'foreign', importedModelName: nameOf(), roleArn: 'arn:aws:iam::123456789012:role/x' };
    const source = { modelDataSource: { s3DataSource: { s3Uri: 's3://else/' } } };
    await world.settings.client.send(new CreateModelImportJobCommand({ ...foreign, ...source }));
    for (let look = 0; look < 4; look += 1) world.stub.imports.list({});
    await expectPortError(deploy(), 'InvalidInput', nameOf(), 'belongs to somebody else', 'understudy:release');
  });

  it('goes on after another worker, also with a job that it does not see yet', async () => {
    world.stub.imports.unknownLooks = 2;
    await deploy();
    expect((await world.reasons(releaseId, world.serving())).at(-1)).to.equal(`${nameOf()} answers`);
    expect(world.stub.imports.jobs.size).to.equal(1);
  });

  it('has no room where the quota is used up', async () => {
    const { enough, reason } = await world.serving({ mostModels: 0 }).capacity({ releaseId });
    expect(enough).to.equal(false);
    expect(reason).to.equal('0 models imported in us-east-1 >= 0');
    world.stub.imports.quota = 0;
    await deploy();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const look = await world.serving().readiness({ releaseId });
    expect(look.reason).to.match(/ServiceQuotaExceededException|being merged/);
  });

  it('has room for a release that has its place already, though it is the last', async () => {
    await deploy();
    await world.reasons(releaseId);
    const full = world.serving({ mostModels: 1 });
    expect((await full.capacity({ releaseId: 'another-r1' })).enough).to.equal(false);
    expect(await full.capacity({ releaseId })).to.deep.include({ enough: true });
  });

  it('leaves nothing behind: not the model, not the merged weights, and not one that is still imported', async () => {
    world.stub.imports.looksInProgress = 8;
    await deploy();
    await world.reasonsUntil(releaseId, 'in progress');
    await expectPortError(world.serving().retire({ model, releaseId }), 'Unavailable', 'still runs');
    expect(await world.serving().served({ model })).to.deep.equal([releaseId]);
    await world.reasons(releaseId);
    await world.serving().retire({ model, releaseId });
    expect(world.stub.imports.models.size).to.equal(0);
    const left: string[] = [];
    for await (const { key } of world.store.list({ prefix: `releases/${releaseId}/` })) left.push(key);
    expect(left).to.deep.equal([]);
    expect(await world.serving().served({ model })).to.deep.equal([]);
    await deploy();
    expect((await world.reasons(releaseId)).at(-1)).to.equal(`${nameOf()} answers`);
  });

  it('imports anew where a release gets other weights, and removes the old ones', async () => {
    await deploy();
    await world.reasons(releaseId);
    const other = await world.putAdapter('other');
    await deploy({ adapter: other });
    await world.reasons(releaseId);
    expect([...world.stub.imports.models.keys()]).to.deep.equal([nameOf(other)]);
  });
});
