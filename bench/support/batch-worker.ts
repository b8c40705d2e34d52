import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createBatchActivities } from '../../src/activities/batch/index.js';
import { withFailures } from '../../src/activities/failures.js';
import type { Activities } from '../../src/activities/index.js';
import { ExternalSources } from '../../src/adapters/data-sources/data-sources.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { OpenAiChat } from '../../src/adapters/openai-chat/openai-chat.js';
import { StoreResultCache } from '../../src/adapters/store-result-cache/store-result-cache.js';
import { StoreRouter } from '../../src/adapters/store-router/store-router.js';
import { createPseudonyms } from '../../src/domain/dataset/pseudonyms.js';
import { createWorkers } from '../../src/workers/workers.js';

/** A worker process that knows of batches alone: `batch-worker.ts ADDRESS FOLDER-OF-THE-STORE`. */
const [address, root] = process.argv.slice(2) as [string, string];
const store = new DirectoryStore({ root });
const batch = createBatchActivities({
  store,
  sources: new ExternalSources(),
  router: new StoreRouter({ store }),
  chat: new OpenAiChat({ apiKey: null }),
  results: new StoreResultCache({ store }),
  pseudonyms: createPseudonyms({ key: null }),
});
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: ['SIGTERM'] });
const connection = await NativeConnection.connect({ address });
const workers = await createWorkers({
  ...{ connection, namespace: 'default', queuePrefix: '' },
  activities: withFailures({ ...batch, sendNotification: async () => undefined }) as unknown as Activities,
});
process.stdout.write('polling\n');
await workers.run();
