import { expect } from 'chai';
import { createLifecycleActivities } from '../../src/activities/lifecycle-opening.js';
import { createPauseActivities } from '../../src/activities/pauses.js';
import type { Ports } from '../../src/activities/ports.js';
import { canonicalJson } from '../../src/domain/release/evidence.js';
import { parseModelSpec } from '../../src/domain/spec/model-spec.js';
import { record as sample } from '../unit/report/sample-release.js';
import { createCanaryWorld, target, type CanaryWorld } from './support/canary-world.js';

const model = 'm';

describe('openLifecycle', () => {
  let world: CanaryWorld;
  let served: () => string[] | Promise<string[]>;
  beforeEach(async () => {
    served = () => [];
    world = await createCanaryWorld();
  });
  afterEach(() => world.dispose());

  async function applied() {
    const golden = await world.store.put({ key: 'golden/m/v1.jsonl', body: Buffer.from('') });
    const { spec } = parseModelSpec({
      apiVersion: 'understudy/v1',
      model,
      base: { id: 'base' },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
      evaluation: { preset: 'support-deterministic', baseline: { kind: 'keyword-category' } },
    });
    const prompt = { system: null, template: '{query}', maxTokens: 32, temperature: 0 };
    const specification = { version: 1, spec, prompt, promptDigest: 'p', overlays: [] };
    const body = canonicalJson({ ...specification, golden: { name: 'm', version: 'v1', ref: golden } });
    return await world.store.put({ key: 'specs/m/1.json', body: Buffer.from(body) });
  }

  const open = async (aliases: Record<string, string> = {}, ended?: string, running: string[] = []) => {
    const aliasTarget: Ports['registry']['aliasTarget'] = async ({ alias }) =>
      aliases[alias] ? { version: '1', releaseId: aliases[alias] } : null;
    const lifecycles: Ports['lifecycles'] = {
      models: async () => [],
      describe: async () => null,
      isRunning: async ({ workflowId }) => running.includes(workflowId),
    };
    const serving = { served: async () => await served() } as unknown as Ports['serving'];
    const ports = { ...world.ports(), lifecycles, serving, registry: { aliasTarget } as Ports['registry'] };
    const specification = await applied();
    return await createLifecycleActivities(ports).openLifecycle({ model, specification, ...(ended && { ended }) });
  };
  const put = (key: string, value: unknown) => world.store.put({ key, body: Buffer.from(canonicalJson(value)) });

  it('finds nothing of a new model, whatever another one left', async () => {
    await put('releases/m-r1-r4/record.json', { ...sample, model: 'm-r1', releaseId: 'm-r1-r4' });
    const { remains } = await open();
    expect(remains).to.deep.include({ releaseCount: 0, epoch: 0, champion: null, unfinished: null });
  });

  it('finds what takes a slot, and does not wait for a platform that is away', async () => {
    served = () => ['m-r1', 'm-r2'];
    expect((await open()).served).to.deep.equal(['m-r1', 'm-r2']);
    served = () => Promise.reject(new Error('the platform is away'));
    expect((await open()).served).to.deep.equal([]);
  });

  it('finds the pause that was kept', async () => {
    const { keepPause } = createPauseActivities(world.ports());
    const paused = { reason: 'an incident', by: 'ann', at: '2026-03-01T00:00:00.000Z' };
    const first = { model, paused, by: 'ann', at: paused.at, step: '1' };
    await keepPause(first);
    expect((await open()).remains!.paused).to.deep.equal(paused);
    await keepPause({ model, paused: null, by: 'bob', at: '2026-03-01T00:00:01.000Z', step: '2' });
    expect((await open()).remains!.paused).to.equal(null);
    // An attempt that was given up lands after all.
    await keepPause(first);
    expect((await open()).remains!.paused).to.equal(null);
  });

  it('goes on counting after the files, the plan and the aliases that are there', async () => {
    await put('releases/m-r1/record.json', { ...sample, model, releaseId: 'm-r1', champion: null });
    await put('releases/m-r2/canary/trip.json', {});
    const traffic = world.traffic();
    const owner = { workflowId: 'release:m-r1', epoch: 3 };
    await traffic.writePlan({
      model,
      owner,
      change: { champion: target('m-r1'), reason: 'first' },
      leaseMilliseconds: null,
    });
    const { remains } = await open();
    expect(remains).to.deep.include({ releaseCount: 2, unfinished: 'm-r2' });
    expect(remains!.champion).to.deep.include({ releaseId: 'm-r1', target: target('m-r1') });
    expect((await open({ challenger: 'm-r7' })).remains!.releaseCount).to.equal(7);
  });

  it('finds a release that runs and has left nothing yet, whatever waited before it', async () => {
    await put('releases/m-r1/record.json', { ...sample, model, releaseId: 'm-r1', champion: null });
    const running = ['release:m-r4', 'release:other-r9'];
    expect((await open({}, undefined, running)).remains).to.deep.include({ releaseCount: 4, unfinished: 'm-r4' });
    expect((await open()).remains).to.deep.include({ releaseCount: 1, unfinished: null });
  });

  it('finds the release that may run still behind one that has overtaken it', async () => {
    await put('releases/m-r1/record.json', { ...sample, model, releaseId: 'm-r1', champion: null });
    await put('releases/m-r2/prompt.json', {});
    await put('releases/m-r3/record.json', { ...sample, model, releaseId: 'm-r3', champion: 'm-r1' });
    expect((await open()).remains).to.deep.include({ releaseCount: 3, unfinished: 'm-r2' });
    expect((await open({}, 'm-r2')).remains!.unfinished).to.equal(null);
  });

  it('asks to wait for the last release where that serves everyone and has no record yet', async () => {
    await put('releases/m-r1/record.json', { ...sample, model, releaseId: 'm-r1', champion: null });
    const owner = { workflowId: 'rollout:m-r2', epoch: 4 };
    const change = { champion: target('m-r2'), reason: 'bake ended, sole champion' };
    await world.traffic().writePlan({ model, owner, change, leaseMilliseconds: null });
    expect(await open()).to.deep.include({ remains: null, unrecorded: 'm-r2' });

    const refused = await open({}, 'm-r2').catch((error: unknown) => error);
    expect(refused).to.include({ type: 'InvalidInput' });
    expect(String(refused)).to.include('put releases/m-r2/record.json back');

    await put('releases/m-r2/record.json', { ...sample, model, releaseId: 'm-r2', champion: 'm-r1' });
    const { remains, unrecorded } = await open({}, 'm-r2');
    expect(unrecorded).to.equal(null);
    expect(remains).to.deep.include({ releaseCount: 2, unfinished: null });
    expect(remains!.champion!.releaseId).to.equal('m-r2');
    expect(remains!.previous.map(({ releaseId }) => releaseId)).to.deep.equal(['m-r1']);
  });

  it('names the plan that can not be gone on from', async () => {
    await world.startCanary();
    expect(await open()).to.deep.include({ remains: null, unrecorded: 'm-r1' });
    const refused = await open({}, 'm-r1').catch((error: unknown) => error);
    expect(refused).to.include({ type: 'InvalidInput' });
    expect(String(refused)).to.include('put releases/m-r1/record.json back');
  });
});
