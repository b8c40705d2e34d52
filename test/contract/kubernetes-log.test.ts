import { KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { expect } from 'chai';
import { Cluster } from '../../src/adapters/kubernetes/cluster.js';
import { type ScriptedServer, startScriptedServer } from './support/scripted-server.js';

const pod: V1Pod = { metadata: { name: 'vllm-a', namespace: 'models' } };

/** Simulated pods write no log, so that this part of the API is scripted. */
describe('the last lines of a pod', () => {
  let server: ScriptedServer;
  let cluster: Cluster;
  let answer: { status: number; text: string };

  before(async () => {
    server = await startScriptedServer((_asked, response) =>
      response.writeHead(answer.status, { 'content-type': 'text/plain' }).end(answer.text),
    );
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name: 'test', server: server.url, skipTLSVerify: true }, { name: 'test' });
    cluster = new Cluster({ config });
  });
  after(() => server.close());
  beforeEach(() => {
    server.seen.length = 0;
  });

  it('are asked for, twenty of them, of the container before where that one tells why', async () => {
    answer = { status: 200, text: 'loading weights\ntorch.OutOfMemoryError: CUDA out of memory\n' };
    expect(await cluster.log({ pod, previous: true })).to.equal(
      'loading weights\ntorch.OutOfMemoryError: CUDA out of memory',
    );
    await cluster.log({ pod, previous: false });
    const asked = server.seen.map(({ path }) => new URL(path, server.url));
    expect(asked.map(({ pathname }) => pathname)).to.deep.equal(
      Array.from({ length: 2 }, () => '/api/v1/namespaces/models/pods/vllm-a/log'),
    );
    expect(asked.map(({ searchParams }) => searchParams.get('tailLines'))).to.deep.equal(['20', '20']);
    expect(asked.map(({ searchParams }) => searchParams.get('previous'))).to.deep.equal(['true', 'false']);
  });

  it('are none where the API server has none, and keep no reason from being told', async () => {
    answer = { status: 400, text: '{"kind":"Status","message":"container \\"vllm\\" is waiting to start"}' };
    expect(await cluster.log({ pod, previous: false })).to.equal('');
  });
});
