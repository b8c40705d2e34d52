import type { V1ContainerStatus, V1Pod, V1PodCondition } from '@kubernetes/client-node';
import { expect } from 'chai';
import { podTrouble } from '../../../../src/adapters/kubernetes/pod-trouble.js';

const pod = (status: Partial<V1ContainerStatus> | null, conditions: V1PodCondition[] = []): V1Pod => ({
  metadata: { name: 'vllm-1' },
  spec: { containers: [{ name: 'vllm', resources: { limits: { memory: '16Gi' } } }] },
  status: {
    conditions,
    containerStatuses:
      status === null ? [] : [{ name: 'vllm', image: 'i', imageID: '', ready: false, restartCount: 0, ...status }],
  },
});

describe('podTrouble', () => {
  for (const [what, given, reason, previous] of [
    [
      'no GPU anywhere',
      pod(null, [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'Insufficient nvidia.com/gpu' },
      ]),
      'Unschedulable: Insufficient nvidia.com/gpu',
      false,
    ],
    [
      'an image that is not there',
      pod({ state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } } }),
      'ImagePullBackOff: not found',
      false,
    ],
    [
      'too little memory',
      pod({
        restartCount: 2,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
      }),
      'OOMKilled after 2 restarts: needs more memory than 16Gi',
      true,
    ],
    [
      'a crash at the start',
      pod({ restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } } }),
      'CrashLoopBackOff: back-off',
      true,
    ],
    [
      'a container that ended',
      pod({ state: { terminated: { exitCode: 1, reason: 'Error' } } }),
      'Error: exit code 1',
      false,
    ],
  ] as const)
    it(`names ${what}`, () => {
      expect(podTrouble(given)).to.deep.equal({ pod: 'vllm-1', reason, previous });
    });

  it('has nothing to say of a pod that is starting', () => {
    expect(podTrouble(pod({ state: { waiting: { reason: 'ContainerCreating' } } }))).to.equal(null);
  });
});
