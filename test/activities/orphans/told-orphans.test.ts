import { expect } from 'chai';
import { model, hour, day, id, createSweptWorld, type SweptWorld } from '../support/swept-world.js';

describe('what people are told of orphans', () => {
  let world: SweptWorld;
  beforeEach(() => {
    world = createSweptWorld();
  });

  const endpoint = (number: number): string => `endpoint ${id(number)}`;
  const toldOf = (): string[] => world.messages.map((message) => message.split(': ')[1]!);

  it('is what an attempt has found whose answer was lost, and what the command line has seen first', async () => {
    await world.deploy(7);
    await world.find();
    await world.sweep();
    expect(toldOf()).to.deep.equal([endpoint(7)]);
    await world.sweep();
    expect(toldOf()).to.deep.equal([endpoint(7)]);
  });

  it('is said again by the next sweep where it could not be sent, with what is new since then', async () => {
    await world.deploy(7);
    await world.sweep({ tells: false });
    world.pass(hour);
    await world.deploy(6);
    await world.sweep();
    expect(toldOf()).to.deep.equal([`${endpoint(7)}, ${endpoint(6)}`]);
  });

  it('is another message for each set of them, and the same one when it is sent again', async () => {
    const keyOf = async () => (await world.activities.findOrphans({ model })).freshKey;
    await world.deploy(7);
    const first = await keyOf();
    expect(await keyOf()).to.equal(first);
    await world.deploy(6);
    expect(await keyOf()).to.not.equal(first);
  });

  it('is in time for somebody to act: what was told of late stays an hour', async () => {
    await world.deploy(7);
    await world.find();
    world.pass(2 * day - 1);
    expect(await world.sweep()).to.deep.equal([]);
    world.pass(hour - 1);
    expect(await world.sweep()).to.deep.equal([]);
    world.pass(1);
    expect(await world.sweep()).to.deep.equal([endpoint(7)]);
  });

  it('holds a removal up for a day where nobody can be told, and no longer', async () => {
    await world.deploy(7);
    await world.sweep({ tells: false });
    world.pass(2 * day - 1);
    expect(await world.sweep({ tells: false })).to.deep.equal([]);
    world.pass(1);
    expect(await world.sweep({ tells: false })).to.deep.equal([endpoint(7)]);
  });

  it('is said once more of what a ledger of 0.1.0 has, whose grace goes on', async () => {
    await world.deploy(7);
    const firstSeenAt = '2026-02-28T01:00:00.000Z';
    const orphans = [{ kind: 'endpoint', model, name: id(7), firstSeenAt }];
    await world.memory.put({
      key: `orphans/${model}.json`,
      body: Buffer.from(JSON.stringify({ version: 1, orphans })),
    });
    expect(await world.sweep()).to.deep.equal([]);
    expect(toldOf()).to.deep.equal([endpoint(7)]);
    world.pass(hour);
    expect(await world.sweep()).to.deep.equal([endpoint(7)]);
  });
});
