import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncLocalStorage } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { PortError, type ArtifactStore, type ChatModel, type Ports } from '../../../src/activities/ports.js';
import { RoaringBucketSet } from '../../../src/adapters/bitmap/roaring-bucket-set.js';
import { StoreAudit } from '../../../src/adapters/store-audit/store-audit.js';
import { StoreResultCache } from '../../../src/adapters/store-result-cache/store-result-cache.js';
import { StoreRouter } from '../../../src/adapters/store-router/store-router.js';
import { StoreTelemetry } from '../../../src/adapters/store-telemetry/store-telemetry.js';
import { TemporalOutcomes } from '../../../src/adapters/temporal-outcomes/temporal-outcomes.js';
import { sha256Hex } from '../../../src/domain/release/evidence.js';
import type { Answer } from '../channel.js';
import type { RemoteStore } from '../world/memory-store.js';

const patienceMilliseconds = 4000;

export type Ask = (input: { method: string; input: unknown }) => Promise<unknown>;

const scopeNow = (): string => {
  const info = asyncLocalStorage.getStore()?.info;
  return info ? `${info.workflowExecution?.workflowId ?? 'none'}/${info.activityType}` : 'none';
};

/** Asks the parent process; an answer that does not come is a timeout. */
export function askParent(): Ask {
  const waiting = new Map<number, (answer: Answer) => void>();
  let calls = 0;
  process.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  return ({ method, input }) =>
    new Promise((resolve, reject) => {
      const id = (calls += 1);
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new PortError('Timeout', `${method} did not answer within ${patienceMilliseconds} ms`));
      }, patienceMilliseconds);
      waiting.set(id, (answer) => {
        clearTimeout(timer);
        if (answer.kind === 'done') resolve(answer.result);
        else reject(new PortError(answer.type, answer.message, answer.retryAfterMilliseconds));
      });
      process.send!({ id, scope: scopeNow(), method, input });
    });
}

/**
 * A port whose every method is a call to the parent; one with methods that it may lack would seem to have them all.
 * Signals stay here: they can't cross a process.
 */
function remote<Port extends { [Name in keyof Port]-?: (input: never) => unknown }>(ask: Ask, name: string): Port {
  return new Proxy({} as Port, {
    get: (_, method) =>
      typeof method !== 'string'
        ? undefined
        : (input: object) => {
            const { signal: _signal, ...rest } = input as { signal?: unknown };
            return ask({ method: `${name}.${method}`, input: rest });
          },
  });
}

async function remoteStore(ask: Ask): Promise<ArtifactStore> {
  const store = remote<RemoteStore>(ask, 'store');
  const folder = await mkdtemp(join(tmpdir(), 'understudy-chaos-worker-'));
  return {
    put: (input) => store.put(input),
    putIfAbsent: (input) => store.putIfAbsent(input),
    compareAndSet: (input) => store.compareAndSet(input),
    get: (input) => store.get(input),
    getIfChanged: (input) => store.getIfChanged(input),
    remove: (input) => store.remove(input),
    async *list(input) {
      yield* await store.list(input);
    },
    putFile: async ({ key, path }) => await store.put({ key, body: await readFile(path) }),
    localPath: async ({ key }) => {
      const found = await store.get({ key });
      if (!found) throw new PortError('NotFound', `store key ${key}: nothing stands there`);
      const path = join(folder, sha256Hex(found.body));
      await writeFile(path, found.body);
      return path;
    },
  };
}

const nowhere = (): never => {
  throw new PortError('InvalidInput', 'the chaos has no source but its store');
};

/** The real adapters that stand on a store, over a store and systems that outlive this process. */
export async function remotePorts({ ask, client }: { ask: Ask; client: Client }): Promise<Ports> {
  const store = await remoteStore(ask);
  const chat = remote<Pick<ChatModel, 'complete'>>(ask, 'chat');
  return {
    store,
    sources: { download: async () => nowhere(), query: nowhere },
    registry: remote(ask, 'registry'),
    trainer: remote(ask, 'trainer'),
    serving: remote(ask, 'serving'),
    router: new StoreRouter({ store }),
    telemetry: new StoreTelemetry({ store, onCorrupt: () => undefined }),
    buckets: RoaringBucketSet,
    chat: { complete: (input) => chat.complete(input) },
    stream: remote(ask, 'stream'),
    judge: null,
    notifier: remote(ask, 'notifier'),
    audit: new StoreAudit({ store }),
    outcomes: new TemporalOutcomes({ client }),
    results: new StoreResultCache({ store }),
    reports: { release: async ({ record }) => `<h1>${record.releaseId}: ${record.outcome}</h1>` },
  };
}
