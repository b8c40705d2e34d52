import type { V1Node, V1Pod, V1ResourceQuota } from '@kubernetes/client-node';
import { expect } from 'chai';
import { gpuRoom } from '../../../../src/adapters/kubernetes/gpu-room.js';

const resource = 'nvidia.com/gpu';
const pool = {
  gpus: { resource, count: 2 },
  nodeSelector: { pool: 'gpu' },
  tolerations: [{ key: resource, operator: 'Exists' as const, effect: 'NoSchedule' }],
};

const node = (
  name: string,
  changes: { gpus?: string; ready?: string; pool?: string; taint?: string } = {},
): V1Node => ({
  metadata: { name, labels: { pool: changes.pool ?? 'gpu' } },
  spec: { taints: [{ key: changes.taint ?? resource, effect: 'NoSchedule' }] },
  status: {
    allocatable: { [resource]: changes.gpus ?? '4' },
    conditions: [{ type: 'Ready', status: changes.ready ?? 'True' }],
  },
});

const pod = (nodeName: string, gpus: string, phase = 'Running'): V1Pod => ({
  spec: { nodeName, containers: [{ name: 'x', resources: { requests: { [resource]: gpus } } }] },
  status: { phase },
});

const quota = (hard: string, used: string): V1ResourceQuota => ({
  metadata: { name: 'team' },
  status: { hard: { [`requests.${resource}`]: hard }, used: { [`requests.${resource}`]: used } },
});

describe('gpuRoom', () => {
  it('counts whole places beside what other pods have asked for', () => {
    const pods = [pod('a', '1'), pod('b', '4'), pod('b', '4', 'Succeeded')];
    const room = (wanted: number) => gpuRoom({ pool, wanted, nodes: [node('a'), node('b')], pods, quotas: [] });
    expect(room(1)).to.deep.equal({
      enough: true,
      reason: '1 more pods of 2 nvidia.com/gpu; 3 are free on 2 of 2 nodes, room for 1',
    });
    expect(room(2).enough).to.equal(false);
  });

  it('leaves out nodes that the pool may not use', () => {
    const nodes = [
      node('tainted', { taint: 'other' }),
      node('elsewhere', { pool: 'cpu' }),
      node('down', { ready: 'False' }),
      { ...node('cordoned'), spec: { unschedulable: true } },
    ];
    const room = gpuRoom({ pool, wanted: 1, nodes, pods: [], quotas: [] });
    expect(room).to.deep.include({ enough: false });
    expect(room.reason).to.contain('on 0 of 4 nodes');
  });

  it('keeps to the quota, and quotes it', () => {
    const room = (used: string) =>
      gpuRoom({ pool, wanted: 1, nodes: [node('a')], pods: [], quotas: [quota('4', used)] });
    expect(room('2').enough).to.equal(true);
    expect(room('3')).to.deep.equal({
      enough: false,
      reason: '1 more pods of 2 nvidia.com/gpu > quota team: 3 of 4 are used',
    });
  });

  it('asks nothing for a pool without GPUs', () => {
    const none = { ...pool, gpus: { resource, count: 0 } };
    expect(gpuRoom({ pool: none, wanted: 3, nodes: [], pods: [], quotas: [] }).enough).to.equal(true);
  });
});
