import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { readLooks } from '../../src/activities/look-log.js';
import { startTemporalServer, type TemporalServer } from '../chaos/temporal-server.js';
import { model, startCanaryRelease } from '../e2e/support/canary-release.js';
import { openGatewayPair, type GatewayPair } from '../e2e/support/two-gateways.js';
import { startScriptedUpstream, type ScriptedUpstream } from '../support/scripted-upstream.js';
import { waitFor } from '../workflows/support/started-release.js';

const awayMilliseconds = 60_000;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('a canary while Temporal is away for a minute', function () {
  this.timeout(300_000);
  let folder: string;
  let server: TemporalServer;
  let environment: TestWorkflowEnvironment;
  let upstream: ScriptedUpstream;
  let canary: Awaited<ReturnType<typeof startCanaryRelease>>;
  let pair: GatewayPair;
  let revision: number;
  let asked: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-outage-'));
    server = await startTemporalServer({ folder });
    environment = await TestWorkflowEnvironment.createFromExistingServer({ address: server.address });
    upstream = await startScriptedUpstream();
    // Half as long as the outage: without a watcher the challenger would lose its users.
    canary = await startCanaryRelease({ environment, endpoint: upstream.endpoint, lease: '30s' });
    ({ revision } = await waitFor(async () => {
      const plan = await canary.plan();
      return plan.challengerShare === 0.5 ? plan : null;
    }));
    pair = await openGatewayPair({ store: canary.world.root, home: folder });
    await everyGatewayGoesBy((one) => one === revision);
    asked = 0;
    await ask(20);
    await everyUserIsSeen();
  });
  afterEach(async () => {
    await pair.close();
    await canary.stop();
    await environment.teardown();
    await server.stop();
    await upstream.close();
    await rm(folder, { recursive: true, force: true });
  });

  const everyGatewayGoesBy = (holds: (revision: number) => boolean) =>
    waitFor(async () => ((await pair.revisions()).every((one) => one !== null && holds(one)) ? true : null));
  /** Each a new user, at both gateways in turn. */
  const ask = (users: number) =>
    Promise.all(
      Array.from({ length: users }, () => {
        asked += 1;
        return pair.ask({ gateway: asked % 2, model, user: `user ${asked}` });
      }),
    );
  const challengerFails = () => upstream.script({ model: `${model}-r2`, status: 500 });
  const isRolledBack = () => everyGatewayGoesBy((one) => one > revision);
  const keysSeen = async () => {
    const looks = await readLooks({ store: canary.world.store, releaseId: `${model}-r2` });
    const arms = looks.at(-1)?.look.revisions[0]?.arms;
    return arms ? arms.champion.keys + arms.challenger.keys : 0;
  };
  const everyUserIsSeen = () => waitFor(async () => ((await keysSeen()) >= asked ? true : null));

  it('is taken back by its guards meanwhile, and says so once Temporal is back', async () => {
    let isAway = true;
    const back = server.restart({ awayMilliseconds }).then(() => (isAway = false));
    await pause(15_000);
    challengerFails();
    await ask(80);
    await isRolledBack();
    expect(isAway, 'nobody waited for Temporal').to.equal(true);
    await back;
    const { outcome, reasons } = await canary.handle.result();
    expect(outcome).to.equal('rolledBack');
    expect(reasons.join()).to.match(/error/);
  });

  it('misses no user meanwhile, keeps its lease, and finds what goes wrong afterwards', async () => {
    let isAway = true;
    const back = server.restart({ awayMilliseconds }).then(() => (isAway = false));
    while (isAway) {
      await ask(2);
      await pause(1000);
    }
    await back;
    await ask(20);
    await everyUserIsSeen();
    expect(await keysSeen()).to.equal(asked);
    expect(await canary.plan()).to.include({ revision, challengerShare: 0.5 });
    challengerFails();
    await ask(80);
    await isRolledBack();
    expect(await canary.handle.result()).to.include({ outcome: 'rolledBack' });
  });
});
