import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import { workloadsNamespace } from '../../infra/names.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { FollowedRouter } from '../../src/adapters/followed-router.js';
import {
  type HttpRoute,
  revisionAnnotation,
  routeName,
  routeVersion,
  splitOf,
} from '../../src/adapters/http-route/http-route.js';
import { HttpRouteSplit } from '../../src/adapters/http-route/http-route-split.js';
import { Cluster } from '../../src/adapters/kubernetes/cluster.js';
import { StoreRouter } from '../../src/adapters/store-router/store-router.js';
import { championOnly, type PlanChange, type Target } from '../../src/domain/rollout/traffic-plan.js';
import { TestCluster } from '../support/kubernetes/cluster.js';
import { findKubernetes } from '../support/kubernetes/find-kubernetes.js';
import { GatewayPlayer } from '../support/kubernetes/gateway-player.js';
import { asWorker } from '../support/kubernetes/worker-role.js';
import { expectPortError } from './support/expect-port-error.js';
import { describeTrafficRouter } from './traffic-router-contract.js';

const namespace = workloadsNamespace;
const owner = { workflowId: 'rollout:m-r2', epoch: 1 };
const target = (releaseId: string, service = releaseId): Target => ({
  ...{ releaseId, adapter: releaseId, promptDigest: null, indexVersion: null },
  endpoint: `http://${service}.models.svc:8000/v1`,
});
const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

describe('FollowedRouter over routes of a real control plane', function () {
  this.timeout(120_000);
  let cluster: TestCluster | null = null;
  /** As the role of an installation's workers lets it. */
  let worker: KubeConfig;
  let player: GatewayPlayer;
  let root: string;
  const routes = { namespace, gateway: { name: 'public', namespace: 'infra' }, domain: 'models.example.com' };
  const client = (): Cluster => new Cluster({ config: worker });
  const store = (): DirectoryStore => new DirectoryStore({ root });
  const open = ({ now = () => new Date() } = {}): FollowedRouter =>
    new FollowedRouter({
      ...{ store: store(), now },
      split: new HttpRouteSplit({ cluster: client(), routes, acceptMilliseconds: 1_000 }),
    });
  const routeOfModel = (model: string): Promise<HttpRoute | null> =>
    client().read<HttpRoute>({ ...routeVersion, metadata: { name: routeName(model), namespace } });
  const shown = async (model: string): Promise<string> => splitOf((await routeOfModel(model))!);
  const write = (model: string, change: PlanChange, by = owner) =>
    open().write({ model, owner: by, change, expectedRevision: null });
  const canary = (challengerShare: number): PlanChange => ({
    ...{ challenger: target('m-r2'), challengerShare, mirrorShare: 0.25, holdback: 0.05 },
    ...{ leaseUntil: inMinutes(10), reason: `canary ${challengerShare}` },
  });

  before(async function () {
    this.timeout(1_800_000);
    const tools = await findKubernetes();
    if (tools === null) return this.skip();
    cluster = new TestCluster({ tools });
    await cluster.start();
    await cluster.addGatewayApi();
    worker = await asWorker(cluster);
    player = new GatewayPlayer({ config: cluster.config, namespace });
    player.start();
    root = await mkdtemp(join(tmpdir(), 'understudy-routes-'));
  });
  after(async () => {
    if (cluster === null) return;
    await player.stop();
    await cluster.stop();
    await rm(root, { recursive: true, force: true });
  });

  describeTrafficRouter({ name: 'FollowedRouter over routes', open });

  describe('FollowedRouter over routes', () => {
    it('shows the plan as weights and a mirror, under a host of the model', async () => {
      await write('weights', { champion: target('m-r1'), reason: 'first' });
      expect(await shown('weights')).to.equal('models/m-r1:8000 10000');
      await write('weights', canary(0.05));
      expect(await shown('weights')).to.equal(
        'models/m-r1:8000 9500, models/m-r2:8000 500, copies to models/m-r2:8000 2500/10000',
      );
      const route = (await routeOfModel('weights'))!;
      expect(route.spec!.hostnames).to.deep.equal(['weights.models.example.com']);
      expect(route.spec!.parentRefs[0]).to.include({ name: 'public', namespace: 'infra' });
      await write('weights', canary(1));
      expect(await shown('weights')).to.match(/^models\/m-r1:8000 500, models\/m-r2:8000 9500/);
      await write('weights', championOnly('back'));
      expect(await shown('weights')).to.equal('models/m-r1:8000 10000');
    });

    it('gives the champion everything when the lease lapses and no worker of the release lives', async () => {
      await write('lapsing', { champion: target('m-r1'), reason: 'first' });
      await write('lapsing', canary(0.5));
      await open().followAll();
      expect(await shown('lapsing')).to.contain('m-r2:8000 5000');
      const later = open({ now: () => new Date(Date.now() + 11 * 60_000) });
      expect(await later.followAll()).to.deep.equal([]);
      expect(await shown('lapsing')).to.equal('models/m-r1:8000 10000');
    });

    it('brings no older plan back, and mends what a writer that died has left', async () => {
      await write('late', { champion: target('m-r1'), reason: 'first' });
      await write('late', canary(0.5));
      const old = (await open().read({ model: 'late' }))!;
      // The writer of the rollback died between the plan and the route.
      const plans = new StoreRouter({ store: store() });
      await plans.write({ model: 'late', owner, change: championOnly('guard'), expectedRevision: null });
      expect(await shown('late')).to.contain('m-r2:8000 5000');
      await open().follow({ model: 'late' });
      expect(await shown('late')).to.equal('models/m-r1:8000 10000');
      await new HttpRouteSplit({ cluster: client(), routes }).show({ plan: old });
      expect(await shown('late')).to.equal('models/m-r1:8000 10000');
      expect((await routeOfModel('late'))!.metadata!.annotations![revisionAnnotation]).to.equal('3');
    });

    it('counts no plan as written that a gateway refuses, or that none has taken', async () => {
      await write('refused', { champion: target('m-r1'), reason: 'first' });
      player.refusal = 'NotAllowedByListeners';
      await expectPortError(write('refused', canary(0.05)), 'Unavailable', 'gateway public', 'NotAllowedByListeners');
      player.refusal = null;
      player.away = true;
      await expectPortError(write('refused', canary(0.1)), 'Unavailable', 'no gateway has accepted it');
      player.away = false;
      await open().follow({ model: 'refused' });
      expect(await shown('refused')).to.contain('m-r2:8000 1000');
    });

    it('tells releases behind one Service, and addresses outside the cluster, apart from what a route can do', async () => {
      await write('shared', { champion: target('m-r1', 'pool'), reason: 'first' });
      const challenger = target('m-r2', 'pool');
      await expectPortError(
        write('shared', { ...canary(0.1), challenger }),
        'InvalidInput',
        'behind one Service',
        'apart',
      );
      const outside = { ...target('m-r1'), endpoint: 'https://api.example.com/v1' };
      await expectPortError(write('outside', { champion: outside, reason: 'x' }), 'InvalidInput', 'no Service');
    });

    it('leaves a route of somebody else alone', async () => {
      const metadata = { name: routeName('foreign'), namespace };
      await client().apply({
        object: { ...routeVersion, metadata, spec: { hostnames: ['theirs.example.com'] } } as HttpRoute,
      });
      const writing = write('foreign', { champion: target('m-r1'), reason: 'first' });
      await expectPortError(writing, 'InvalidInput', 'left alone');
      expect((await routeOfModel('foreign'))!.spec!.hostnames).to.deep.equal(['theirs.example.com']);
    });
  });
});
