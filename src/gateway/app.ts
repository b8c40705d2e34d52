import swagger from '@fastify/swagger';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ArtifactStore } from '../activities/ports.js';
import type { ResultCache } from '../activities/result-cache-port.js';
import { FormatFallback } from '../adapters/format-fallback.js';
import { StoreResultCache } from '../adapters/store-result-cache/store-result-cache.js';
import type { GatewaySettings } from '../config/gateway-settings.js';
import { Admission, Answerer } from './answerer.js';
import { AnswerBook } from './answer-book.js';
import { addChatRoutes } from './chat-routes.js';
import type { Clock } from './clock.js';
import type { GatewayContext } from './context.js';
import { addErrorHandlers, unreadableRequests } from './errors.js';
import { addFeedbackRoutes } from './feedback-routes.js';
import { GatewayMetrics } from './gateway-metrics.js';
import { Grounding, type GroundingOptions } from './grounding.js';
import { helperAt } from './helper-at.js';
import { KeyRing } from './key-ring.js';
import { Mirror } from './mirror.js';
import { Languages } from './languages.js';
import { LimitSharing } from './limit-sharing.js';
import { PlanReader } from './plan-reader.js';
import { otherMethods } from './other-methods.js';
import { closePipelined } from './pipelined-requests.js';
import { firstTidyMilliseconds, removeOldTexts, tidyMilliseconds } from './old-texts.js';
import { addQueryRoutes } from './query-routes.js';
import { RateLimiter } from './rate-limit.js';
import { RequestLog } from './request-log.js';
import { SegmentWriter } from './segment-writer.js';
import { addSystemRoutes } from './system-routes.js';
import { SummaryReader } from './summary-reader.js';
import { addSummaryRoutes } from './summary-routes.js';
import { TelemetryRecorder } from './telemetry-recorder.js';
import { RoutedUpstream } from './routed-upstream.js';

export interface GatewayOptions {
  settings: GatewaySettings;
  store: ArtifactStore;
  /** Where summaries of items stand; without it, in the store. */
  results?: ResultCache;
  /** Where releases that retrieve find facts; without it they answer without any, and say so. */
  retrieval?: Pick<GroundingOptions, 'chunks' | 'openEmbedder' | 'reranker'>;
  clock: Clock;
  logger?: FastifyBaseLogger;
  /** The process stands still between requests: nothing runs by a timer, and `SuspendedGateway` does it instead. */
  suspended?: boolean;
}

/**
 * Builds the gateway. It reads keys and plans when it becomes ready (`listen`, `ready`), again and again after that,
 * and writes its counters and log a last time when it closes.
 */
export const buildGateway = (options: GatewayOptions): FastifyInstance => buildGatewayParts(options).app;

/** The gateway with the parts that its routes use. */
export function buildGatewayParts(options: GatewayOptions): { app: FastifyInstance; context: GatewayContext } {
  const { settings, logger } = options;
  const app = fastify({
    bodyLimit: settings.bodyLimitBytes,
    // As much as a request line can hold: a name that is too long is refused by its field, like everything else.
    routerOptions: { maxParamLength: 16_384 },
    // A caller that sends its request drop by drop may not hold a connection for ever.
    requestTimeout: settings.receiveTimeoutMilliseconds,
    http: {
      headersTimeout: settings.receiveTimeoutMilliseconds,
      connectionsCheckingInterval: Math.min(settings.receiveTimeoutMilliseconds, 5000),
    },
    ...unreadableRequests,
    logController: new LogController({ disableRequestLogging: true }),
    ...(logger ? { loggerInstance: logger } : {}),
  });
  const context = buildContext({ ...options, log: app.log });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest('apiKey', null);
  addErrorHandlers({ app });
  addDocument(app);
  app.addHook('onResponse', (request, reply, done) => {
    context.metrics.response({ route: request.routeOptions.url ?? 'none', status: reply.statusCode });
    done();
  });
  addDrain(app);
  closePipelined({ app });
  app.register((routes, _options, done) => {
    const refuseOthers = otherMethods({ app: routes });
    addQueryRoutes({ app: routes, context });
    addChatRoutes({ app: routes, context });
    addFeedbackRoutes({ app: routes, context });
    addSummaryRoutes({ app: routes, context });
    addSystemRoutes({ app: routes, context });
    refuseOthers();
    done();
  });
  addLife({ app, context, ...options });
  return { app, context };
}

function addDocument(app: FastifyInstance): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Understudy gateway', description: 'Answers from releases under rollout', version: '1' },
      components: {
        securitySchemes: {
          apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
          bearer: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    transform: jsonSchemaTransform,
  });
}

function buildContext({
  settings,
  store,
  results,
  retrieval = {},
  clock,
  log,
  suspended = false,
}: GatewayOptions & { log: FastifyBaseLogger }): GatewayContext {
  const gateway = settings.gatewayId;
  const metrics: GatewayMetrics = new GatewayMetrics({ states: () => plans.states(), clock });
  const recorder = new TelemetryRecorder({
    store,
    gateway,
    clock,
    flushMilliseconds: settings.telemetryFlushMilliseconds,
    suspended,
    onFailure: ({ key, error }) => {
      metrics.writeFailed('telemetry');
      log.warn({ err: error, key }, 'telemetry not written, trying again');
    },
  });
  const languages = new Languages();
  const plans: PlanReader = new PlanReader({
    store,
    languages,
    models: settings.models,
    clock,
    pollMilliseconds: settings.planPollMilliseconds,
    slowMilliseconds: settings.slowMilliseconds,
    onAdopt: ({ model, revision }) => {
      recorder.touch({ model, revision });
      log.info({ model, revision }, 'traffic plan adopted');
      const state = plans.state(model);
      if (state) void grounding.warm({ state });
    },
    onRefuse: ({ model, refusal, reason }) => {
      metrics.planRefused({ model, refusal });
      log.warn({ model, refusal, reason }, 'traffic plan not read, the one before stays in force');
    },
  });
  const formats = new FormatFallback({
    onRefused: ({ model, reason }) => log.warn({ release: model, reason }, 'asked without response_format for an hour'),
    onPlain: ({ model }) => metrics.unformatted({ release: model }),
  });
  const openUpstream = () => new RoutedUpstream([settings.upstreamApiKey, settings.movedEndpoints], formats);
  const upstream = openUpstream();
  const grounding: Grounding = new Grounding({
    ...retrieval,
    askAt: helperAt({ upstream, timeoutMilliseconds: settings.upstreamTimeoutMilliseconds }),
    onRetrieved: (told) => metrics.retrieved(told),
    onFailure: ({ release, error }) => log.warn({ err: error, release }, 'not retrieved as the release wants it'),
  });
  const lost = (what: 'requestLog' | 'mirror') => (error: unknown) => {
    metrics.linesDropped({ what, lines: 1 });
    log.error({ err: error, what }, 'a line could not be made');
  };
  const limiter = new RateLimiter();
  const segments = (what: 'requestLog' | 'mirror') =>
    new SegmentWriter({
      store,
      gateway,
      clock,
      flushMilliseconds: settings.requestLogFlushMilliseconds,
      mostBytes: 32_000_000,
      onFailure: (error) => {
        metrics.writeFailed(what);
        log.warn({ err: error, what }, 'lines not written, trying again');
      },
      onDrop: (lines) => metrics.linesDropped({ what, lines }),
    });
  return {
    settings,
    clock,
    keys: new KeyRing(settings.keysFile),
    languages,
    limiter,
    sharing: new LimitSharing({
      store,
      gateway,
      limiter,
      clock,
      pauseMilliseconds: settings.limitSharingMilliseconds,
      onFailure: (error) => {
        metrics.writeFailed('limits');
        log.warn({ err: error }, 'limits not shared, this gateway keeps them by itself');
      },
    }),
    plans,
    recorder,
    metrics,
    admission: new Admission(settings.maxConcurrency, (open) => metrics.inFlight.set(open)),
    answerer: new Answerer({ recorder, metrics, ...settings }),
    upstream,
    grounding,
    log: new RequestLog(segments('requestLog'), lost('requestLog')),
    mirror: new Mirror({
      upstream: openUpstream(),
      pairs: segments('mirror'),
      metrics,
      stateOf: (model) => plans.state(model),
      clock,
      concurrency: settings.mirrorConcurrency,
      queueLength: settings.mirrorQueue,
      timeoutMilliseconds: settings.upstreamTimeoutMilliseconds,
      onFailure: lost('mirror'),
    }),
    book: new AnswerBook((model) => plans.state(model)?.plan.salt ?? null),
    summaries: new SummaryReader({
      results: results ?? new StoreResultCache({ store, now: () => new Date(clock()).toISOString() }),
      clock,
      onFailure: (error) => log.warn({ err: error }, 'summary not read, the one before is served'),
    }),
  };
}

/**
 * While it closes, the server waits for every connection. Those that are kept alive or never sent a request are cut as
 * soon as no request is open any more.
 */
function addDrain(app: FastifyInstance): void {
  let closing = false;
  let open = 0;
  const cutWhenQuiet = () => {
    if (closing && open === 0) setImmediate(() => app.server.closeAllConnections());
  };
  app.addHook('preClose', (done) => {
    closing = true;
    cutWhenQuiet();
    done();
  });
  app.addHook('onRequest', (_request, reply, done) => {
    open += 1;
    if (closing) void reply.header('connection', 'close');
    // Fastify's onResponse does not come for a caller that hung up.
    reply.raw.once('close', () => {
      open -= 1;
      cutWhenQuiet();
    });
    done();
  });
}

const keysPollMilliseconds = 1000;

function addLife(
  input: Pick<GatewayOptions, 'store' | 'suspended'> & { app: FastifyInstance; context: GatewayContext },
): void {
  const { app, context, store, suspended } = input;
  const { keys, languages, plans, recorder, upstream, log, mirror, sharing, settings, clock } = context;
  const timers: NodeJS.Timeout[] = [];
  let fault: string | null = null;
  const refreshKeys = async () => {
    try {
      await keys.refresh();
      fault = null;
    } catch (error) {
      // It is tried each second, and said once.
      if (fault !== String(error)) app.log.warn({ err: error }, 'API keys not read, they stay as they were');
      fault = String(error);
    }
  };
  app.addHook('onReady', async () => {
    if (suspended) return;
    await Promise.all([refreshKeys(), plans.refresh(), sharing.start()]);
    plans.start();
    const heartbeat = () => {
      for (const { plan } of plans.states()) recorder.touch(plan);
    };
    timers.push(setInterval(() => void refreshKeys(), keysPollMilliseconds));
    timers.push(setInterval(heartbeat, settings.telemetryHeartbeatMilliseconds));
    const tidySafely = () =>
      removeOldTexts({ store, plans, clock }).catch((error: unknown) =>
        app.log.warn({ err: error }, 'old texts not removed, trying again in an hour'),
      );
    timers.push(setInterval(() => void tidySafely(), tidyMilliseconds));
    timers.push(setTimeout(() => void tidySafely(), firstTidyMilliseconds));
    for (const timer of timers) timer.unref();
  });
  app.addHook('onClose', async () => {
    plans.stop();
    for (const timer of timers) clearInterval(timer);
    await Promise.all([recorder.stop(), log.stop(), mirror.stop(), sharing.stop()]);
    await Promise.all([upstream.close(), languages.close()]);
  });
}
