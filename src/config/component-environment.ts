import { machineNames, pick, pythonNames, type Names } from './machine-environment.js';

/** For our own programs, in Node. */
const nodeNames: Names = [...machineNames, /^NODE_/];

/**
 * What each program of the embedded profile needs of the environment that `npm start` runs in. The servers of others get
 * no key; the gateway, which strangers talk to, gets the endpoint's alone.
 */
const names = {
  temporal: machineNames,
  mlflow: [...machineNames, ...pythonNames],
  vllm: [...machineNames, ...pythonNames, /^VLLM_/, 'LD_PRELOAD', 'PYTHONPATH'],
  worker: [
    ...nodeNames,
    ...pythonNames,
    /^UNDERSTUDY_/,
    // Sources of data find their credentials by themselves: PostgreSQL's, AWS's chain.
    ...[/^PG/, /^AWS_/],
    ...[/^TEMPORAL_/, /^MLFLOW_TRACKING_/, /^OPENAI_/, /^JUDGE_/, /^QDRANT_/],
  ],
  gateway: [
    ...nodeNames,
    ...['UNDERSTUDY_STORE', 'UNDERSTUDY_SUMMARIES_TABLE', 'UNDERSTUDY_MOVED_ENDPOINTS'],
    ...['UNDERSTUDY_EMBEDDER', /^UNDERSTUDY_EMBEDDING_/, 'UNDERSTUDY_RERANK_API_KEY', /^QDRANT_/],
    ...[/^GATEWAY_/, 'OPENAI_API_KEY'],
  ],
} satisfies Record<string, Names>;

export type ComponentName = keyof typeof names;

/** The whole environment of a program of the embedded profile, out of `environment`. */
export const componentEnvironment = ({
  name,
  environment,
}: {
  name: ComponentName;
  environment: Readonly<Record<string, string>>;
}): Record<string, string> => pick({ environment, names: names[name] });
