import type {
  ChatModel,
  ModelRegistry,
  Notification,
  Notifier,
  ServingPlatform,
  Trainer,
} from '../../../src/activities/ports.js';
import { PortError } from '../../../src/activities/ports.js';
import type { AnswerStream } from '../../../src/activities/load/answer-stream-port.js';
import { adapterManifest, manifestKey } from '../../../src/adapters/adapter-manifest.js';
import { sha256Hex } from '../../../src/domain/release/evidence.js';
import type { MemoryStore } from './memory-store.js';

const endpoint = 'http://127.0.0.1:9/v1';

/** How a release does, whatever goes wrong around it. */
export type Quality = 'good' | 'failsTraining' | 'worse' | 'harmful';

/** A training job; one that was stopped goes on as the same when it is asked for again. */
export interface Job {
  /** Whose run it tracks itself in, whatever it is named. */
  releaseId: string;
  state: 'running' | 'completed' | 'failed' | 'stopped';
  since: number;
}

export interface Version {
  /** Its tag. */
  releaseId: string;
  /** What it was made from. */
  runId: string;
}

/** The run of a release, as the registry names it. */
const runOf = (releaseId: string): string => `run-${releaseId}`;
export const releaseOfRun = (runId: string): string => runId.replace(/^run-/, '');

/** What people would see of one model outside. */
export interface Outside {
  readonly jobs: ReadonlyMap<string, Job>;
  /** Releases that take a slot, and whose they are. */
  readonly served: ReadonlyMap<string, string>;
  readonly runs: ReadonlyMap<string, { ended: boolean }>;
  /** Those that stand, by model and number. */
  readonly versions: ReadonlyMap<string, Version>;
  /** Every value that an alias has had, in order; null where it was taken off. */
  readonly aliases: ReadonlyMap<string, readonly (string | null)[]>;
  readonly notifications: readonly Notification[];
  /** The answer to a call of a port. */
  readonly ports: {
    trainer: Trainer;
    serving: ServingPlatform;
    registry: ModelRegistry;
    chat: Pick<ChatModel, 'complete'>;
    stream: AnswerStream;
    notifier: Notifier;
  };
}

/** External systems that do what they are asked, at once, and remember it. */
export function createOutside({
  store,
  qualityOf,
  answers,
  onNotification,
  trainingMilliseconds = 400,
}: {
  store: MemoryStore;
  qualityOf: (releaseId: string) => Quality;
  /** The right answer by question. */
  answers: ReadonlyMap<string, string>;
  onNotification: (notification: Notification) => void;
  /** How long a job takes. */
  trainingMilliseconds?: number;
}): Outside {
  const jobs = new Map<string, Job>();
  const served = new Map<string, string>();
  const runs = new Map<string, { ended: boolean }>();
  const versions = new Map<string, Version>();
  const numbers = new Map<string, number>();
  const aliases = new Map<string, (string | null)[]>();
  const notifications: Notification[] = [];

  const releaseOf = (jobName: string): string => jobName.replace(/^train-/, '');
  const jobNow = (jobName: string): Job => {
    const job = jobs.get(jobName);
    if (!job) throw new PortError('NotFound', `training job ${jobName}: was never started`);
    if (job.state === 'running' && Date.now() - job.since >= trainingMilliseconds)
      job.state = qualityOf(releaseOf(jobName)) === 'failsTraining' ? 'failed' : 'completed';
    return job;
  };

  const trainer: Trainer = {
    start: async ({ jobName, trackingRunId }) => {
      const job = jobs.get(jobName);
      const releaseId = trackingRunId ? releaseOfRun(trackingRunId) : releaseOf(jobName);
      if (!job) jobs.set(jobName, { releaseId, state: 'running', since: Date.now() });
      else if (jobNow(jobName).state === 'stopped') Object.assign(job, { state: 'running', since: Date.now() });
    },
    status: async ({ jobName }) => {
      const { state, since } = jobNow(jobName);
      const failure = state === 'failed' ? 'loss is not a number' : null;
      return { state, step: 10, totalSteps: 10, loss: 0.5, failure, seconds: (Date.now() - since) / 1000 };
    },
    collect: async ({ jobName, keyPrefix }) => {
      if (jobNow(jobName).state !== 'completed') throw new PortError('NotFound', `${jobName} has not completed`);
      const weights = Buffer.from(`weights of ${jobName}`);
      await store.put({ key: `${keyPrefix}/adapter.bin`, body: weights });
      const files = [{ name: 'adapter.bin', sha256: sha256Hex(weights), bytes: weights.byteLength }];
      const adapter = await store.put({ key: manifestKey(keyPrefix), body: adapterManifest(files) });
      return {
        ...{ adapter, files: ['adapter.bin'], metrics: { loss: 0.5 }, rows: 100, truncatedRows: 0 },
        ...{ seconds: 1, costUsd: 0.1 },
      };
    },
    stop: async ({ jobName }) => {
      if (jobs.has(jobName) && jobNow(jobName).state === 'running') jobs.get(jobName)!.state = 'stopped';
    },
  };

  const serving: ServingPlatform = {
    deploy: async ({ model, releaseId }) => {
      served.set(releaseId, model);
      return { endpoint, liveEndpoint: endpoint, adapter: releaseId };
    },
    capacity: async () => ({ enough: true, reason: 'there is room' }),
    readiness: async ({ releaseId }) =>
      served.has(releaseId)
        ? { ready: true, reason: `${releaseId} answers` }
        : { ready: false, reason: `${releaseId} is not deployed` },
    retire: async ({ releaseId }) => void served.delete(releaseId),
    served: async ({ model }) => [...served].flatMap(([releaseId, whose]) => (whose === model ? [releaseId] : [])),
  };

  const named = ({ model, alias }: { model: string; alias: string }): (string | null)[] => {
    const values = aliases.get(`${model}/${alias}`) ?? [];
    aliases.set(`${model}/${alias}`, values);
    return values;
  };
  const name = (input: { model: string; alias: string; version: string | null }): void => {
    const values = named(input);
    if ((values.at(-1) ?? null) !== input.version) values.push(input.version);
  };
  // As a registry does: whoever asks twice at once has two, and only what they are tagged with tells them apart.
  const createVersion = ({ model, ...made }: Version & { model: string }): string => {
    const number = (numbers.get(model) ?? 0) + 1;
    numbers.set(model, number);
    versions.set(`${model}/${number}`, made);
    return String(number);
  };
  const lowestOf = ({ model, releaseId }: { model: string; releaseId: string }): string | null => {
    const ofModel = [...versions].filter(([key, one]) => key.startsWith(`${model}/`) && one.releaseId === releaseId);
    const found = ofModel.map(([key]) => Number(key.slice(model.length + 1))).sort((a, b) => a - b);
    return found.length === 0 ? null : String(found[0]);
  };
  const registry: ModelRegistry = {
    ensureRun: async ({ releaseId }) => {
      const runId = runOf(releaseId);
      if (!runs.has(runId)) runs.set(runId, { ended: false });
      return { runId };
    },
    logParameters: async () => undefined,
    logMetrics: async () => undefined,
    setTags: async () => undefined,
    logDataset: async () => undefined,
    putArtifact: async () => undefined,
    metricHistory: async () => [],
    logTraces: async () => undefined,
    endRun: async ({ runId }) => void runs.set(runId, { ended: true }),
    ensureVersion: async ({ model, releaseId, runId }) => {
      const found = lowestOf({ model, releaseId });
      if (found !== null) return { version: found };
      await Promise.resolve();
      const created = createVersion({ model, releaseId, runId });
      await Promise.resolve();
      const version = lowestOf({ model, releaseId })!;
      if (version !== created) versions.delete(`${model}/${created}`);
      return { version };
    },
    versionOf: async (input) => {
      const version = lowestOf(input);
      return version === null ? null : { version };
    },
    setVersionTags: async () => undefined,
    setAlias: async (input) => name(input),
    removeAlias: async (input) => name({ ...input, version: null }),
    describeVersion: async ({ model, version }) => {
      const found = versions.get(`${model}/${version}`);
      return found === undefined ? null : { releaseId: found.releaseId, aliases: [], tags: {}, user: null };
    },
    aliased: async () => [],
    aliasTarget: async (input) => {
      const version = named(input).at(-1) ?? null;
      return version === null ? null : { version, releaseId: versions.get(`${input.model}/${version}`)!.releaseId };
    },
  };

  /** Nearly the right answer: of its words the first one, two or three are missing, by who answers. */
  const answer = ({ adapter, question }: { adapter: string; question: string }): string => {
    const right = answers.get(question);
    if (qualityOf(adapter) === 'worse') return 'Please ask somebody else about that.';
    if (right === undefined) return 'Thank you for asking; a colleague will answer soon.';
    const missing = 1 + (Number.parseInt(sha256Hex(`${adapter}/${question}`).slice(0, 6), 16) % 3);
    return right.split(' ').slice(missing).join(' ');
  };
  const ask = ({ adapter, question }: { adapter: string; question: string }): string => {
    if (!served.has(adapter)) throw new PortError('NotFound', `${adapter} is not loaded`);
    return answer({ adapter, question });
  };

  return {
    ...{ jobs, served, runs, versions, aliases, notifications },
    ports: {
      ...{ trainer, serving, registry },
      chat: {
        complete: async ({ model, messages }) => {
          const text = ask({ adapter: model, question: messages.at(-1)!.content });
          return { text, model, promptTokens: 30, completionTokens: text.split(' ').length, milliseconds: 5 };
        },
      },
      stream: {
        ask: async ({ model, messages }) => {
          ask({ adapter: model, question: messages.at(-1)!.content });
          return { firstTokenMilliseconds: 5, milliseconds: 10, completionTokens: 12 };
        },
      },
      notifier: {
        notify: async (notification) => {
          notifications.push(notification);
          onNotification(notification);
        },
      },
    },
  };
}
