import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
// First: mocha reads a file twice where a module of it awaits at its top, and Temporal's runtime is installed but once.
import { openGatewayPair, type GatewayPair } from './support/two-gateways.js';
import { StoreRouter } from '../../src/adapters/store-router/store-router.js';
import { StoreTelemetry } from '../../src/adapters/store-telemetry/store-telemetry.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import type { TrafficPlan } from '../../src/domain/rollout/traffic-plan.js';
import { startScriptedUpstream, type ScriptedUpstream } from '../support/scripted-upstream.js';
import { localEnvironment } from '../support/temporal.js';
import { model, startCanaryRelease } from './support/canary-release.js';

/** Looks until there is something; the test's own timeout bounds it. */
async function until<Seen>(look: () => Promise<Seen | null>, everyMilliseconds = 20): Promise<Seen> {
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    await new Promise((done) => setTimeout(done, everyMilliseconds));
  }
}

/** How long this process could not run at a time, at most. */
function watchStalls(): { longest: () => number; stop: () => void } {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 20);
    last = now;
  }, 20);
  return { longest: () => longest, stop: () => clearInterval(timer) };
}

describe('two gateways and a canary, end to end', function () {
  this.timeout(180_000);
  let folder: string;
  let upstream: ScriptedUpstream;
  let pair: GatewayPair | null = null;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-gateways-'));
    upstream = await startScriptedUpstream();
  });
  /** Before the store's folder goes, into which they write every second. */
  const closePair = async () => {
    await pair?.close();
    pair = null;
  };
  afterEach(async () => {
    await closePair();
    await upstream.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('has the rollback in force at both within 3 s of the evidence in their telemetry', async () => {
    const environment = await localEnvironment();
    const stalls = watchStalls();
    const canary = await startCanaryRelease({ environment, endpoint: upstream.endpoint, lease: '10m' });
    try {
      await until(async () => ((await canary.plan()).challengerShare === 0.5 ? true : null));
      const gateways = (pair = await openGatewayPair({ store: canary.world.root, home: folder }));
      const { revision } = await canary.plan();
      await until(async () => ((await gateways.revisions()).every((one) => one === revision) ? true : null));
      upstream.script({ model: `${model}-r2`, status: 500 });
      const users = Array.from({ length: 80 }, (_, n) => `user ${n}`);
      await Promise.all(users.map((user, n) => gateways.ask({ gateway: n % 2, model, user })));
      const telemetry = new StoreTelemetry({ store: canary.world.store, onCorrupt: () => undefined });
      const errors = upstream.received.filter((one) => one.model === `${model}-r2`).length;
      expect(errors).to.be.greaterThan(20);
      await until(async () => {
        const { snapshots } = await telemetry.read({ model, fromRevision: revision });
        const counted = snapshots.reduce((sum, one) => sum + (one.arms.challenger.events['error']?.count ?? 0), 0);
        return counted >= errors || (await canary.plan()).challenger === null ? true : null;
      });
      const evidenceAt = Date.now();
      await until(async () =>
        (await gateways.revisions()).every((one) => one !== null && one > revision) ? true : null,
      );
      // What the machine itself stood still for is not the rollback's: there are some five steps on its way.
      expect(Date.now() - evidenceAt).to.be.at.most(3000 + 5 * stalls.longest());
      const before = upstream.received.length;
      const answers = await Promise.all(users.map((user, n) => gateways.ask({ gateway: n % 2, model, user })));
      expect(new Set(answers.map(({ release }) => release))).to.deep.equal(new Set([`${model}-r1`]));
      expect(upstream.received.slice(before).filter((one) => one.model === `${model}-r2`)).to.deep.equal([]);
      expect(await canary.handle.result()).to.include({ outcome: 'rolledBack' });
      const { rollback } = canary.world.closed[0]!.gathered.rolledOut!;
      expect(rollback!.gateways.map(({ gateway }) => gateway)).to.deep.equal(['g1', 'g2']);
      expect(rollback!.seconds).to.be.greaterThan(0);
    } finally {
      stalls.stop();
      await closePair();
      await canary.stop();
      await environment.teardown();
    }
  });

  it('serves the champion alone from the end of the lease, with everything else killed', async () => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', resolve('test/e2e/support/doomed-canary.ts'), upstream.endpoint, '15s'],
      // A group of its own, so that Temporal dies with it.
      { detached: true, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const { root, temporal } = await saidBy(child);
    try {
      const router = new StoreRouter({ store: new DirectoryStore({ root }) });
      const planOf = async (): Promise<TrafficPlan | null> => await router.read({ model });
      const started = await until(async () => {
        const plan = await planOf();
        return plan?.challengerShare === 0.5 ? plan : null;
      });
      const gateways = (pair = await openGatewayPair({ store: root, home: folder }));
      await until(async () => ((await gateways.revisions()).every((one) => one === started.revision) ? true : null));
      const users = Array.from({ length: 40 }, (_, n) => `user ${n}`);
      const askAll = () => Promise.all(users.map((user, n) => gateways.ask({ gateway: n % 2, model, user })));
      expect((await askAll()).filter(({ release }) => release === `${model}-r2`).length).to.be.greaterThan(5);
      // Renewed once at least: somebody watched it while they lived.
      await until(async () => {
        const plan = await planOf();
        return plan!.lease!.until > started.lease!.until ? true : null;
      });
      process.kill(-child.pid!, 'SIGKILL');
      await once(child, 'exit');
      expect(await refused(temporal)).to.equal(true);
      const leaseUntil = Date.parse((await planOf())!.lease!.until);
      let onChallenger = 0;
      for (;;) {
        const answers = await askAll();
        const late = answers.filter(({ startedAt }) => startedAt >= leaseUntil);
        expect(late.filter(({ release }) => release !== `${model}-r1`)).to.deep.equal([]);
        onChallenger += answers.filter(({ release }) => release === `${model}-r2`).length;
        if (late.length === answers.length) break;
        await new Promise((done) => setTimeout(done, 50));
      }
      expect(onChallenger).to.be.greaterThan(0);
      expect((await planOf())!.challengerShare).to.equal(0.5);
    } finally {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
      await closePair();
      await rm(root, { recursive: true, force: true });
    }
  });
});

async function saidBy(child: ChildProcess): Promise<{ root: string; temporal: string }> {
  const first = await createInterface({ input: child.stdout! })[Symbol.asyncIterator]().next();
  if (first.done) throw new Error('the doomed canary ended before it began');
  return JSON.parse(first.value) as { root: string; temporal: string };
}

/** Whether nobody listens at an address any more. */
function refused(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':');
  return new Promise((answer) => {
    const socket = connect({ host, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      answer(false);
    });
    socket.once('error', () => answer(true));
  });
}
