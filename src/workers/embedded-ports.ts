import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import type { ArtifactStore, ChatModel, Ports, ServingPlatform, Trainer, TrafficRouter } from '../activities/ports.js';
import { RoaringBucketSet } from '../adapters/bitmap/roaring-bucket-set.js';
import { routedChat, routedStream } from '../adapters/bedrock/routed-chat.js';
import { chunkStore } from '../adapters/chunk-store.js';
import { ExternalSources } from '../adapters/data-sources/data-sources.js';
import { Documents } from '../adapters/document-loaders/documents.js';
import { mlflowClientOf } from '../adapters/mlflow-registry/mlflow-client.js';
import { MlflowRegistry } from '../adapters/mlflow-registry/mlflow-registry.js';
import { FanOutNotifier } from '../adapters/notifiers/fan-out.js';
import { OpenAiChat } from '../adapters/openai-chat/openai-chat.js';
import { OpenAiStream } from '../adapters/openai-chat/openai-stream.js';
import { sayRefusedFormat, withPlainAnswers, withPlainStreams } from '../adapters/openai-chat/with-plain-answers.js';
import { openAiJudge } from '../adapters/openai-judge/openai-judge.js';
import { openEmbedder } from '../adapters/open-embedder.js';
import { checkStore, isBucket, openStore } from '../adapters/open-store.js';
import { RerankEndpoint } from '../adapters/rerank-endpoint/rerank-endpoint.js';
import { openResultCache } from '../adapters/result-cache.js';
import { withOffline } from '../adapters/sagemaker-async/with-offline.js';
import { StoreAudit } from '../adapters/store-audit/store-audit.js';
import { StoreRouter } from '../adapters/store-router/store-router.js';
import { StoreTelemetry } from '../adapters/store-telemetry/store-telemetry.js';
import { postDelivery } from '../adapters/temporal/post-delivery.js';
import { clientOptions, connectionOptions, temporalPlaceOf } from '../adapters/temporal/temporal-place.js';
import { TemporalLifecycles } from '../adapters/temporal-lifecycles/temporal-lifecycles.js';
import { TemporalOutcomes } from '../adapters/temporal-outcomes/temporal-outcomes.js';
import type { WorkerSettings } from '../config/worker-settings.js';
import { storeKeys } from '../contracts/store-keys.js';
import { notifySchema, type NotifyRoute } from '../domain/spec/notify-spec.js';
import { renderReport } from '../report/render-report.js';
import { awsPlatform } from './aws-platform.js';
import { localPlatform } from './local-platform.js';
import { metricsSource } from './metrics-source.js';

const projectFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The commit the worker runs from; null outside a checkout. */
async function findCodeCommit(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: projectFile('.') });
    return stdout.trim();
  } catch {
    return null;
  }
}

async function routesOf({ store, model }: { store: ArtifactStore; model: string }): Promise<NotifyRoute[]> {
  const stored = await store.get({ key: storeKeys.notify({ model }) });
  return stored
    ? z.array(notifySchema).parse(JSON.parse(Buffer.from(stored.body).toString('utf8')))
    : [{ kind: 'log', from: 'info' }];
}

const platformOf = ({
  settings: { local, platform, ...settings },
  store,
}: {
  settings: WorkerSettings;
  store: ArtifactStore;
}): {
  trainer: Trainer;
  serving: ServingPlatform;
  router?: TrafficRouter;
  offlineChat?: ChatModel;
  close?: () => void;
} => {
  if (platform !== null) return awsPlatform({ settings, platform, store });
  return localPlatform({ settings: { ...settings, local: local!, platform }, store });
};

/** The ports of a worker: folders, processes and servers of this machine, and what its settings name instead. */
export async function embeddedPorts({
  settings,
}: {
  settings: WorkerSettings;
}): Promise<{ ports: Ports; codeCommit: string | null; close: () => Promise<void> }> {
  const { home, mlflow, endpoint } = settings;
  const store = openStore({ location: settings.store, copies: join(home, 'copies') });
  await checkStore(store);
  const place = temporalPlaceOf({ settings: settings.temporal });
  const connection = await Connection.connect(connectionOptions(place));
  const client = mlflowClientOf({ mlflow, trackingUri: mlflow.trackingUri });
  const platform = platformOf({ settings, store });
  const apiKey = endpoint.apiKey?.reveal() ?? null;
  const metrics = metricsSource(settings);
  const chat = withPlainAnswers({
    chat: withOffline({
      chat: routedChat({ chat: new OpenAiChat({ apiKey }), region: settings.bedrockRegion }),
      offline: platform.offlineChat ?? null,
    }),
    onRefused: sayRefusedFormat,
  });
  const whereNow = (address: string): string => endpoint.moved[address.replace(/\/+$/, '')] ?? address;
  const temporalClient = new Client({ connection, ...clientOptions(place) });
  const notifier = new FanOutNotifier({
    routesOf: (model) => routesOf({ store, model }),
    store,
    settings: settings.notifiers,
    home,
    post: postDelivery({ client: temporalClient }),
  });
  const audit = new StoreAudit({ store });
  const ports: Ports = {
    store,
    sources: new ExternalSources(),
    registry: new MlflowRegistry({ client }),
    trainer: platform.trainer,
    serving: platform.serving,
    router: platform.router ?? new StoreRouter({ store }),
    telemetry: new StoreTelemetry({
      store,
      onCorrupt: ({ key, reason }) => process.stderr.write(`telemetry ${key}: ${reason}\n`),
    }),
    ...(metrics === null ? {} : { metrics }),
    buckets: RoaringBucketSet,
    chat: {
      atOnce: (asked) => chat.atOnce?.(asked) ?? null,
      complete: (question) => chat.complete({ ...question, endpoint: whereNow(question.endpoint) }),
    },
    stream: withPlainStreams({
      stream: routedStream({ stream: new OpenAiStream({ apiKey }), region: settings.bedrockRegion }),
      onRefused: sayRefusedFormat,
    }),
    openEmbedder: openEmbedder(settings.embedder),
    chunks: await chunkStore(settings),
    reranker: new RerankEndpoint({ apiKey: settings.rerankApiKey?.reveal() ?? null }),
    documents: new Documents(),
    judge:
      settings.judge &&
      (await openAiJudge({
        settings: settings.judge,
        // What a bucket's worker has judged stays on its disk, as files that are appended to.
        store: isBucket(settings.store) ? home : settings.store,
      })),
    notifier,
    channels: notifier,
    ...{ audit, auditKeys: audit },
    outcomes: new TemporalOutcomes({ client: temporalClient }),
    lifecycles: new TemporalLifecycles({ client: temporalClient }),
    reports: { release: async (input) => renderReport(input) },
    results: openResultCache({ table: settings.summariesTable, store }),
  };
  return {
    ports,
    codeCommit: await findCodeCommit(),
    close: () => {
      platform.close?.();
      return connection.close();
    },
  };
}
