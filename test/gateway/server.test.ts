import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { RoaringBucketSet } from '../../src/adapters/bitmap/roaring-bucket-set.js';
import { StoreTelemetry } from '../../src/adapters/store-telemetry/store-telemetry.js';
import { bucketOf } from '../../src/domain/rollout/buckets.js';
import { eventually, model, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';

interface Running {
  process: ChildProcessWithoutNullStreams;
  url: string;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const serverFile = resolve('src/gateway/server.ts');

describe('gateway: the server process', function () {
  this.timeout(60_000);
  let world: GatewayWorld;
  const running: Running[] = [];

  beforeEach(async () => {
    world = await openGatewayWorld();
  });
  afterEach(async () => {
    for (const { process: child, ended } of running.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    }
    await world.close();
  });

  const launch = (environment: Record<string, string>) =>
    spawn(process.execPath, ['--import', 'tsx', serverFile], {
      env: { PATH: process.env.PATH, UNDERSTUDY_HOME: world.folder, GATEWAY_ID: 'g1', ...environment },
    });
  const start = async (environment: Record<string, string> = {}): Promise<Running> => {
    const child = launch(environment);
    const ended = once(child, 'exit').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
    child.stderr.resume();
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) throw new Error(`the gateway ended before it listened: ${JSON.stringify(await ended)}`);
    const { listening } = JSON.parse(first.value) as { listening: string };
    running.push({ process: child, url: listening, ended });
    return running.at(-1)!;
  };
  const query = ({ url }: Running, user: string) =>
    fetch(`${url}/query`, {
      method: 'POST',
      headers: { 'x-api-key': 'app', 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'q', user }),
    });
  const snapshots = async () => {
    const source = new StoreTelemetry({ store: world.store, onCorrupt: ({ reason }) => expect.fail(reason) });
    return (await source.read({ model, fromRevision: 1 })).snapshots;
  };
  const requestsOf = async (gateway = 'g1') =>
    (await snapshots()).find((one) => one.gateway === gateway)?.arms.champion.requests ?? 0;

  it('loses at most one second of counts to SIGKILL, and keeps the rest over the restart', async () => {
    await world.writePlan();
    const first = await start();
    const answeredAt: number[] = [];
    const asked = (async () => {
      for (let n = 0; answeredAt.length < 5000; n += 1) {
        await (await query(first, `user ${n}`)).arrayBuffer();
        answeredAt.push(Date.now());
      }
    })().catch(() => undefined);
    await eventually({ look: () => requestsOf(), holds: (requests) => requests >= 50, milliseconds: 20_000 });
    const killedAt = Date.now();
    first.process.kill('SIGKILL');
    expect((await first.ended).signal).to.equal('SIGKILL');
    await asked;
    const kept = await requestsOf();
    const answeredBefore = answeredAt.filter((at) => at <= killedAt - 1000).length;
    expect(kept)
      .to.be.at.least(answeredBefore)
      .and.at.most(answeredAt.length + 1);
    const second = await start();
    for (let n = 0; n < 5; n += 1) expect((await query(second, 'ann')).status).to.equal(200);
    await eventually({ look: () => requestsOf(), holds: (requests) => requests === kept + 5 });
  });

  it('merges with what other gateways count', async () => {
    await world.writePlan();
    const gateways = [await start(), await start({ GATEWAY_ID: 'g2' })];
    for (const [gateway, users] of [[gateways[0]!, ['ann', 'ben']] as const, [gateways[1]!, ['ben', 'cat']] as const])
      for (const user of users) expect((await query(gateway, user)).status).to.equal(200);
    await eventually({
      look: async () => [await requestsOf('g1'), await requestsOf('g2')],
      holds: ([one, two]) => one === 2 && two === 2,
    });
    const [one, two] = (await snapshots()).map(({ arms }) => RoaringBucketSet.fromBase64(arms.champion.exposed));
    const expected = ['ann', 'ben', 'cat'].map((key) => bucketOf({ salt: 'a salt of the model', key }));
    expect(one!.or(two!).values()).to.have.members(expected);
  });

  it('answers what is under way, writes its last counts and ends with 0 on SIGTERM', async () => {
    await world.writePlan();
    world.upstream.script({ model: 'm-r1', delayMilliseconds: 300 });
    const gateway = await start({ GATEWAY_TELEMETRY_FLUSH: '1000', GATEWAY_REQUEST_LOG_FLUSH: '60000' });
    const open = query(gateway, 'ann');
    await eventually({ look: () => world.upstream.received.length, holds: (received) => received === 1 });
    gateway.process.kill('SIGTERM');
    expect((await open).status).to.equal(200);
    expect(await gateway.ended).to.deep.equal({ code: 0, signal: null });
    expect(await requestsOf()).to.equal(1);
    const segments: string[] = [];
    for await (const { key } of world.store.list({ prefix: `requests/${model}/` })) segments.push(key);
    expect(segments).to.have.length(1);
  });

  it('ends when the process that supervises it is gone, and only then', async () => {
    await world.writePlan();
    const alone = await start();
    const supervised = await start({ GATEWAY_ID: 'g2', UNDERSTUDY_SUPERVISED: '1' });
    alone.process.stdin.end();
    supervised.process.stdin.end();
    expect(await supervised.ended).to.deep.equal({ code: 0, signal: null });
    expect((await query(alone, 'ann')).status).to.equal(200);
  });

  it('says once that its keys are not there, and takes them once they are', async () => {
    const file = join(world.folder, 'later.json');
    const gateway = await start({ GATEWAY_KEYS_FILE: file });
    let said = '';
    gateway.process.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await world.writePlan();
    // It looks each second, and had said so each time.
    await setTimeout(3000);
    await copyFile(join(world.folder, 'keys.json'), file);
    await eventually({ look: async () => (await query(gateway, 'ann')).status, holds: (status) => status === 200 });
    expect(said.match(/API keys not read/g)?.length ?? 0).to.be.at.most(1);
  });

  it('names every wrong setting and ends with 2', async () => {
    const child = launch({ GATEWAY_PORT: 'http', GATEWAY_PLAN_POLL: '0' });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).to.equal(2);
    expect(said).to.match(/GATEWAY_PORT is "http": expected a whole number from 0 to 65535/);
    expect(said).to.match(/GATEWAY_PLAN_POLL is "0": expected milliseconds/);
  });
});
