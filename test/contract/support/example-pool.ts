import type { Pool } from '../../../src/adapters/kubernetes/pool.js';

/** A pool of two pods with a GPU each. */
export const examplePool = (changes: Partial<Pool> = {}): Pool => ({
  image: 'vllm/vllm-openai@sha256:0',
  modelPath: 'smollm2',
  claims: { models: 'models', store: 'store' },
  gpus: { resource: 'nvidia.com/gpu', count: 1 },
  machines: 1,
  requests: { cpu: '4', memory: '16Gi' },
  replicas: { least: 2, most: 2, waitingTarget: 4 },
  scaling: { by: 'hpa' },
  adapters: { atOnce: 2, inMemory: 4, rank: 16, repository: null },
  maxModelLength: 2048,
  apiKeySecret: 'vllm',
  apart: false,
  nodeSelector: { 'understudy.dev/pool': 'gpu' },
  tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
  ...changes,
});
