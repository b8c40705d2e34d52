import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { componentEnvironment, type ComponentName } from '../../config/component-environment.js';
import { queueName, searchAttributes } from '../../contracts/names.js';
import type { Component } from './component.js';
import { ownEntry, projectRoot } from './own-entry.js';
import { servingCores } from './serving-cores.js';
import { isPolled, missingSearchAttributes } from './temporal-health.js';
import type { Wiring } from './wiring.js';

/** LoRA rank and adapters at a time that the embedded vLLM has room for: champion and challenger, and two kept warm. */
const adapters = { rank: 64, active: 2, kept: 4 };
const contextTokens = 512;
/** Room for some 17,000 tokens of SmolLM2, more than thirty conversations of full length at a time. */
const keyValueCacheBytes = 384 * 1024 * 1024;

/** Null when `url` answers 2xx. */
async function answers({ url, signal }: { url: string; signal: AbortSignal }): Promise<string | null> {
  const response = await fetch(url, { signal });
  await response.arrayBuffer();
  return response.ok ? null : `${url} answered ${response.status}`;
}

const environmentOf = (name: ComponentName, { environment }: Wiring): Record<string, string> =>
  componentEnvironment({ name, environment });

const loopback = ['--host', '127.0.0.1'];

/**
 * Tasks of a queue go round by fairness key, which is the model: no model waits behind another's backlog. Each partition
 * of a queue goes round by itself, so that tasks are written to one; all four are still read, for what an earlier start
 * wrote there.
 */
export const fairness = [
  'matching.useNewMatcher=true',
  'matching.enableFairness=true',
  'matching.numTaskqueueWritePartitions=1',
];

/** Temporal's development server with its web UI, kept in one SQLite file. */
export const temporalComponent = (wiring: Wiring): Component => ({
  name: 'temporal',
  command: wiring.tools.temporal!,
  arguments: [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'error'],
    ...['--port', String(wiring.ports.temporal), '--ui-port', String(wiring.ports.temporalUi)],
    ...['--db-filename', join(wiring.home, 'temporal.db'), '--namespace', wiring.temporal.namespace],
    ...Object.values(searchAttributes).flatMap((key) => ['--search-attribute', `${key.name}=Keyword`]),
    ...fairness.flatMap((value) => ['--dynamic-config-value', value]),
  ],
  environment: environmentOf('temporal', wiring),
  directory: wiring.home,
  probe: async () => {
    const missing = await missingSearchAttributes(wiring.temporal);
    return missing.length === 0 ? null : `search attributes ${missing.join(', ')} are not registered yet`;
  },
  readyMilliseconds: 60_000,
  graceMilliseconds: 10_000,
  hint: `If its database is broken, remove ${join(wiring.home, 'temporal.db')}; releases in flight are lost with it.`,
});

/** MLflow with a SQLite file and artifacts beside it; its job runner is off, since it leaves processes behind. */
export const mlflowComponent = (wiring: Wiring): Component => ({
  name: 'mlflow',
  command: wiring.tools.mlflow!,
  arguments: [
    ...['server', ...loopback, '--port', String(wiring.ports.mlflow), '--workers', '1'],
    ...['--backend-store-uri', `sqlite:///${join(wiring.home, 'mlflow', 'mlflow.db')}`],
    ...['--artifacts-destination', join(wiring.home, 'mlflow', 'artifacts')],
  ],
  environment: {
    ...environmentOf('mlflow', wiring),
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
    MLFLOW_DISABLE_TELEMETRY: 'true',
  },
  directory: wiring.home,
  probe: ({ signal }) => answers({ url: `${wiring.mlflow.uri}/health`, signal }),
  readyMilliseconds: 180_000,
  graceMilliseconds: 10_000,
  hint: 'Set MLFLOW_TRACKING_URI to use a server of your own.',
});

/** Cores for vLLM, unless somebody chose them; none where the kernel has no such list. */
function coresOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  if (environment['VLLM_CPU_OMP_THREADS_BIND'] !== undefined) return {};
  try {
    const [, allowed] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    const cores = allowed === undefined ? null : servingCores({ allowed });
    return cores === null ? {} : { VLLM_CPU_OMP_THREADS_BIND: cores };
  } catch {
    return {};
  }
}

/** vLLM on the CPU with one base model, loading adapters while it runs, and our plugin for their arithmetic. */
export const vllmComponent = (wiring: Wiring): Component => ({
  name: 'vllm',
  command: wiring.tools.python!,
  arguments: [
    ...['-m', 'vllm.entrypoints.openai.api_server', ...loopback, '--port', String(wiring.ports.vllm)],
    ...['--model', wiring.base.folder!, '--served-model-name', wiring.base.id],
    ...['--enable-lora', '--max-lora-rank', String(adapters.rank)],
    ...['--max-loras', String(adapters.active), '--max-cpu-loras', String(adapters.kept)],
    ...['--max-model-len', String(contextTokens), '--kv-cache-memory-bytes', String(keyValueCacheBytes)],
    '--enforce-eager',
  ],
  environment: {
    ...environmentOf('vllm', wiring),
    ...coresOf(wiring.environment),
    PYTHONPATH: [join(projectRoot, 'serving'), wiring.environment['PYTHONPATH']].filter(Boolean).join(delimiter),
    HF_HUB_OFFLINE: '1',
    VLLM_NO_USAGE_STATS: '1',
    DO_NOT_TRACK: '1',
    VLLM_ALLOW_RUNTIME_LORA_UPDATING: 'True',
  },
  directory: wiring.home,
  probe: ({ signal }) => answers({ url: `http://127.0.0.1:${wiring.ports.vllm}/health`, signal }),
  readyMilliseconds: 600_000,
  graceMilliseconds: 15_000,
  hint: 'It needs Linux and about 5 GB of memory; set OPENAI_BASE_URL to use a server of your own.',
});

/** Our worker. When the run is ended, so is the training that its processes of their own may still do. */
export const workerComponent = (wiring: Wiring): Component => {
  const stopTraining = ownEntry('client/start/stop-training');
  return {
    name: 'worker',
    ...ownEntry('workers/main'),
    environment: environmentOf('worker', wiring),
    directory: projectRoot,
    probe: async ({ startedAt }) => {
      const queue = queueName({ prefix: '', queue: 'orchestration' });
      const polled = await isPolled(wiring.temporal, { queue, since: startedAt });
      return polled ? null : `nobody polls the queue ${queue} yet`;
    },
    readyMilliseconds: 120_000,
    graceMilliseconds: 15_000,
    afterwards: [stopTraining.command, ...stopTraining.arguments, wiring.home],
    hint: '"understudy doctor" checks everything that it talks to.',
  };
};

/** Our gateway. */
export const gatewayComponent = (wiring: Wiring): Component => ({
  name: 'gateway',
  ...ownEntry('gateway/server'),
  environment: environmentOf('gateway', wiring),
  directory: projectRoot,
  probe: ({ signal }) => answers({ url: `${wiring.gateway.url}/healthz`, signal }),
  readyMilliseconds: 60_000,
  graceMilliseconds: 10_000,
  hint: '"understudy doctor" checks everything that it talks to.',
});
