import { setFlagsFromString } from 'node:v8';
import { pino } from 'pino';
import { chunkStore } from '../adapters/chunk-store.js';
import { openEmbedder } from '../adapters/open-embedder.js';
import { openStore } from '../adapters/open-store.js';
import { RerankEndpoint } from '../adapters/rerank-endpoint/rerank-endpoint.js';
import { openResultCache } from '../adapters/result-cache.js';
import { loadGatewaySettings } from '../config/gateway-settings.js';
import { SettingsError } from '../config/read-environment.js';
import { buildGateway } from './app.js';
import { systemClock } from './clock.js';

// By itself V8 lets a heap of this size grow by a quarter before it marks all of it, beside the answers on the same core.
setFlagsFromString('--heap-growing-percent=100');

/**
 * Runs the gateway until SIGTERM or SIGINT: one JSON line `{"listening": <url>}` on stdout once it takes requests, its
 * log on stderr. Exits 0 after a drain, 1 when requests were still open at its end, 2 when it could not start.
 */
async function main(): Promise<void> {
  const settings = loadGatewaySettings();
  const logger = pino({ name: 'gateway', level: settings.logLevel }, pino.destination(2));
  const store = openStore({ location: settings.store });
  const app = buildGateway({
    settings,
    store,
    retrieval: {
      chunks: await chunkStore(settings),
      openEmbedder: openEmbedder(settings.embedder),
      reranker: new RerankEndpoint({ apiKey: settings.rerankApiKey?.reveal() ?? null }),
    },
    results: openResultCache({ table: settings.summariesTable, store }),
    clock: systemClock,
    logger,
  });
  const listening = await app.listen({ host: settings.host, port: settings.port });

  let draining = false;
  const drain = (why: string) => {
    if (draining) return;
    draining = true;
    logger.info({ why }, 'draining');
    setTimeout(() => process.exit(1), settings.drainMilliseconds).unref();
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'drain failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => drain('SIGTERM'));
  process.on('SIGINT', () => drain('SIGINT'));
  if (settings.supervised) watchParent(() => drain('the process that started this one is gone'));
  process.stdout.write(`${JSON.stringify({ listening })}\n`);
}

/** A parent that vanishes, however it ends, leaves its pipe or channel closed. */
function watchParent(gone: () => void): void {
  process.on('disconnect', gone);
  if (process.channel) return;
  process.stdin.on('end', gone).on('close', gone).on('error', gone).resume();
}

main().catch((error: unknown) => {
  const message = error instanceof SettingsError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`gateway: ${message}\n`);
  process.exit(2);
});
