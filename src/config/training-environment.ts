import { childEnvironment } from './child-environment.js';

/**
 * What a training process needs of its worker's environment: where programs and caches are, how this machine's
 * processors and network are used, and what MLflow asks for. Everything else, the worker's secrets first of all,
 * stays with the worker: training runs code and reads data of others.
 */
const names: readonly (string | RegExp)[] = [
  'PATH',
  'HOME',
  'USER',
  'TMPDIR',
  'TZ',
  'LANG',
  /^LC_/,
  /^XDG_/,
  'LD_LIBRARY_PATH',
  'VIRTUAL_ENV',
  /^(CUDA|NVIDIA|NCCL|OMP|MKL|OPENBLAS|PYTORCH|TORCH)_/,
  'HF_HOME',
  'HF_HUB_CACHE',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  /^(HTTP|HTTPS|NO)_PROXY$/i,
  /^MLFLOW_TRACKING_/,
  // Tells which installation a process that was left behind belongs to.
  'UNDERSTUDY_HOME',
];

const isNeeded = (name: string): boolean =>
  names.some((one) => (typeof one === 'string' ? one === name : one.test(name)));

/** The whole environment of a training process, out of `environment`; by default this process's own. */
export const trainingEnvironment = (
  environment: Readonly<Record<string, string>> = childEnvironment({}),
): Record<string, string> => Object.fromEntries(Object.entries(environment).filter(([name]) => isNeeded(name)));
