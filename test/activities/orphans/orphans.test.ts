import { expect } from 'chai';
import type { PortError } from '../../../src/activities/ports.js';
import {
  model,
  day,
  id,
  ref,
  adapterOf,
  target,
  kept,
  waiting,
  createSweptWorld,
  type SweptWorld,
} from '../support/swept-world.js';

describe('the orphan sweep', () => {
  let world: SweptWorld;
  beforeEach(() => {
    world = createSweptWorld();
  });

  it('finds each kind of orphan, waits out the grace, and removes them once', async () => {
    await world.deploy(5);
    await world.deploy(7);
    await world.train(8);
    await world.end({ number: 6 });
    await world.router.write({
      ...{ model, owner: { workflowId: `release:${id(7)}`, epoch: 16 }, expectedRevision: null },
      change: {
        champion: target(5),
        challenger: target(7),
        challengerShare: 0.1,
        leaseUntil: '2026-03-01T00:10:00.000Z',
        reason: 'canary',
      },
    });
    await world.memory.put({ key: `ingest-stages/${model}/2026-02-01/raw-1.jsonl`, body: Buffer.from('x') });
    const all = [
      `job train-${id(8)}`,
      `endpoint ${id(7)}`,
      `traffic revision 1 names ${id(7)}`,
      `weights releases/${id(6)}/adapter/`,
      `stage ingest-stages/${model}/2026-02-01/`,
    ];
    expect(await world.find()).to.deep.equal(all);
    expect(await world.sweep()).to.deep.equal([]);
    world.pass(day - 1);
    expect(await world.sweep()).to.deep.equal([]);
    world.pass(1);
    expect(await world.sweep()).to.deep.equal(all);
    expect(await world.find()).to.deep.equal([]);
    expect([...world.outside.served.keys()]).to.deep.equal([id(5)]);
    expect(world.outside.jobs.get(`train-${id(8)}`)!.state).to.equal('stopped');
    expect(await world.router.read({ model })).to.deep.include({ challenger: null, champion: target(5) });
    expect(await world.keys()).to.deep.equal([
      `releases/${id(6)}/evaluation/evidence.json`,
      `releases/${id(6)}/record.json`,
    ]);
    const audited = (await world.memory.list({ prefix: `audit/${model}/` })).length;
    // Each removal, the plan that gives traffic back, and the one before, which nobody had noted.
    expect(audited).to.equal(all.length + 2);
  });

  const needed: { what: string; arrange: (world: SweptWorld) => unknown }[] = [
    { what: 'the champion', arrange: ({ known }) => (known.state = { ...known.state!, champion: kept(7) }) },
    {
      what: 'a release one may go back to',
      arrange: ({ known }) => (known.state = { ...known.state!, previous: [kept(7)] }),
    },
    {
      what: 'the one whose adapter the champion serves',
      arrange: ({ known }) => (known.state = { ...known.state!, champion: kept(5, 7) }),
    },
    { what: 'one that waits', arrange: ({ known }) => (known.state = { ...known.state!, queue: [waiting(7)] }) },
    {
      what: 'the one that runs',
      arrange: ({ known }) =>
        (known.state = {
          ...known.state!,
          running: { ...waiting(7), startedAt: '2026-03-01T00:00:00.000Z', epoch: 18 },
        }),
    },
    {
      what: 'the version that somebody has asked for',
      arrange: ({ known }) =>
        (known.state = {
          ...known.state!,
          queue: [
            waiting(9, {
              candidate: {
                releaseId: id(7),
                version: '7',
                adapter: adapterOf(7),
                indexVersion: null,
                specification: ref('spec'),
              },
            }),
          ],
        }),
    },
    { what: 'one whose workflow still runs', arrange: ({ known }) => known.running.add(`release:${id(7)}`) },
    {
      what: 'one whose rollout still gives things back',
      arrange: ({ known }) => known.running.add(`rollout:${id(7)}`),
    },
    {
      what: "the plan's champion, whatever the lifecycle says",
      arrange: ({ router }) =>
        router.write({
          ...{ model, owner: { workflowId: `release:${id(7)}`, epoch: 18 }, expectedRevision: null },
          change: { champion: target(7), reason: 'promoted' },
        }),
    },
    {
      what: 'what an alias names',
      arrange: async ({ outside }) => {
        const { registry } = outside.ports;
        const { version } = await registry.ensureVersion({ model, releaseId: id(7), runId: 'run', tags: {} });
        await registry.setAlias({ model, alias: 'promote', version });
      },
    },
  ];
  for (const { what, arrange } of needed)
    it(`never touches ${what}`, async () => {
      await world.deploy(7);
      await world.train(7);
      await world.end({ number: 7 });
      const before = await world.keys();
      await arrange(world);
      expect(await world.find()).to.deep.equal([]);
      world.pass(100 * day);
      expect(await world.sweep()).to.deep.equal([]);
      expect([...world.outside.served.keys()]).to.deep.equal([id(7)]);
      expect(await world.keys()).to.deep.equal(before);
    });

  it('keeps the weights of a version that people may ask for, however its release ended', async () => {
    await world.end({ number: 6, version: '6' });
    expect(await world.find()).to.deep.equal([]);
  });

  it('finds the weights of an upload that broke off, and of a lost release, whose records name none', async () => {
    await world.end({ number: 6, adapter: null });
    expect(await world.find()).to.deep.equal([`weights releases/${id(6)}/adapter/`]);
  });

  it('keeps the weights of a version that a record does not know of', async () => {
    await world.end({ number: 6, adapter: null });
    const { registry } = world.outside.ports;
    const { version } = await registry.ensureVersion({ model, releaseId: id(6), runId: 'run', tags: {} });
    expect(await world.find()).to.deep.equal([]);
    world.pass(100 * day);
    expect(await world.sweep()).to.deep.equal([]);
    expect(await registry.versionOf({ model, releaseId: id(6) })).to.deep.equal({ version });
  });

  it('counts the grace anew when an orphan was needed in between', async () => {
    await world.deploy(7);
    await world.sweep();
    world.pass(day);
    world.known.running.add(`release:${id(7)}`);
    expect(await world.sweep()).to.deep.equal([]);
    world.known.running.clear();
    expect(await world.sweep()).to.deep.equal([]);
    world.pass(day);
    expect(await world.sweep()).to.deep.equal([`endpoint ${id(7)}`]);
  });

  it('removes the others where one can not be removed, and says so', async () => {
    await world.train(8);
    await world.deploy(7);
    await world.sweep();
    world.pass(day);
    world.outside.ports.trainer.stop = () => Promise.reject(new Error('the job belongs to another account'));
    const refused = await world.sweep().catch((error: Error) => error.message);
    expect(refused).to.equal('the job belongs to another account');
    expect(await world.find()).to.deep.equal([`job train-${id(8)}`]);
    expect([...world.outside.served.keys()]).to.deep.equal([]);
  });

  it('looks once more before it removes: what a release has begun to need since then stays', async () => {
    await world.deploy(7);
    await world.find();
    world.pass(2 * day);
    world.known.state = { ...world.known.state!, queue: [waiting(7)] };
    expect(await world.sweep()).to.deep.equal([]);
    expect([...world.outside.served.keys()]).to.deep.equal([id(7)]);
  });

  it("leaves another model's releases alone, whose name begins alike", async () => {
    await world.outside.ports.serving.deploy({ model, releaseId: `${model}-refunds-r1`, base: 'base', adapter: null });
    expect(await world.find()).to.deep.equal([]);
  });

  it("does not take a newer release's traffic away: its plan is of a higher epoch", async () => {
    await world.deploy(7);
    const write = (epoch: number, number: number) =>
      world.router.write({
        ...{ model, owner: { workflowId: `release:${id(number)}`, epoch }, expectedRevision: null },
        change: {
          champion: target(5),
          challenger: target(number),
          challengerShare: 0.1,
          leaseUntil: '2026-03-09T00:00:00.000Z',
          reason: `canary of ${number}`,
        },
      });
    await write(16, 7);
    await world.sweep();
    world.pass(day);
    const { router, known } = world;
    const read = router.read.bind(router);
    expect(known.state!.epoch).to.be.lessThan(20);
    // Begun after the sweep has asked the lifecycle, before it writes.
    let reads = 0;
    router.read = async (input) => {
      // The look that finds them, the one before they are removed, and the write.
      if ((reads += 1) === 3) await write(20, 9);
      return await read(input);
    };
    await world.sweep();
    expect(await read({ model })).to.deep.include({ challengerShare: 0.1, challenger: target(9) });
  });

  it("gives an orphaned plan's traffic back, and the release that runs writes its own over that", async () => {
    const write = ({ number, epoch }: { number: number; epoch: number }) =>
      world.router.write({
        ...{ model, owner: { workflowId: `release:${id(number)}`, epoch }, expectedRevision: null },
        change: {
          ...{ champion: target(5), challenger: target(number), challengerShare: 0.1 },
          ...{ leaseUntil: '2026-03-01T00:10:00.000Z', reason: `canary of ${number}` },
        },
      });
    await write({ number: 7, epoch: 16 });
    const running = { ...waiting(9), startedAt: '2026-03-01T00:00:00.000Z', epoch: 18 };
    world.known.state = { ...world.known.state!, running };
    await world.sweep();
    world.pass(day);
    expect(await world.sweep()).to.deep.equal([`traffic revision 1 names ${id(7)}`]);
    expect(await world.router.read({ model })).to.deep.include({ revision: 2, challenger: null });
    const late = await write({ number: 7, epoch: 16 }).catch((error: PortError) => error.type);
    expect(late).to.equal('PlanFenced');
    expect(await write({ number: 9, epoch: 18 })).to.deep.include({ revision: 3, challenger: target(9) });
  });
});
