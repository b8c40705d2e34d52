import { pino } from 'pino';
import { openEmbedder } from '../adapters/open-embedder.js';
import { openStore } from '../adapters/open-store.js';
import { openResultCache } from '../adapters/result-cache.js';
import { loadLambdaSettings } from '../config/lambda-settings.js';
import { systemClock } from '../gateway/clock.js';
import { SuspendedGateway } from '../gateway/suspended-gateway.js';
import { httpApiHandler } from './api-gateway.js';

const settings = loadLambdaSettings();
const store = openStore({ location: settings.store, copies: `${settings.home}/copies` });
const gateway = new SuspendedGateway({
  settings,
  store,
  results: openResultCache({ table: settings.summariesTable, store }),
  // An index on the disk of a function would be empty: without a server for vectors, releases answer and say `degraded`.
  retrieval: await retrievalParts(),
  clock: systemClock,
  logger: pino({ name: 'gateway', level: settings.logLevel }, pino.destination(2)),
});
await gateway.app.ready();

async function retrievalParts() {
  if (settings.qdrant === null && settings.knowledgeBase === null) return {};
  // Loaded here alone: it takes longer to load than the rest.
  const { chunkStore } = await import('../adapters/chunk-store.js');
  return { chunks: await chunkStore(settings), openEmbedder: openEmbedder(settings.embedder) };
}

/** What Lambda calls. */
export const handler = httpApiHandler({ gateway });
