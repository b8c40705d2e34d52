import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openKubernetesServing } from '../../../../src/adapters/kubernetes/open-serving.js';
import { DirectoryStore } from '../../../../src/adapters/directory-store/directory-store.js';

describe('openKubernetesServing', () => {
  const { HOME: home, KUBECONFIG: kubeconfig } = process.env;
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-no-cluster-'));
    process.env.HOME = root;
    delete process.env.KUBECONFIG;
  });
  afterEach(async () => {
    if (home === undefined) delete process.env.HOME;
    else process.env.HOME = home;
    if (kubeconfig !== undefined) process.env.KUBECONFIG = kubeconfig;
    await rm(root, { recursive: true });
  });

  it('says what is missing where no cluster is known, in place of asking this machine', () => {
    const store = new DirectoryStore({ root });
    expect(() =>
      openKubernetesServing({ serving: { namespace: 'understudy', pools: {} }, store, apiKey: null }),
    ).to.throw('KUBECONFIG');
  });
});
