import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import type { ArtifactStore } from '../../../src/activities/ports.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { readGatewaySettings, type GatewaySettings } from '../../../src/config/gateway-settings.js';
import { servingDocumentSchema } from '../../../src/contracts/serving-document.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import type { Target, TrafficPlan } from '../../../src/domain/rollout/traffic-plan.js';
import { buildGateway } from '../../../src/gateway/app.js';
import { systemClock, type Clock } from '../../../src/gateway/clock.js';
import { hashKey, type KeyRecord } from '../../../src/gateway/key-ring.js';
import { startScriptedUpstream, type ScriptedUpstream } from '../../support/scripted-upstream.js';

export const model = 'support-assistant';
const plentiful = { perSecond: 1e6, burst: 1_000_000 };
const keyRecord = (change: Partial<KeyRecord> & { id: string }): KeyRecord => ({
  sha256: hashKey(change.id),
  scopes: ['query', 'feedback'],
  defaultModel: model,
  expiresAt: null,
  rate: plentiful,
  quotaPerDay: null,
  ...change,
});

/**
 * Every key is its own id: `app`, `tester`, `reader` (feedback only), `expired`, `modelless`, `slowpoke` (2 at once),
 * `thrifty` (3 a day), `standard` (the usual limits); `rotated` (3 at once) has the keys `old` and `new`.
 */
const keyRecords: KeyRecord[] = [
  keyRecord({ id: 'app' }),
  keyRecord({ id: 'tester', scopes: ['query', 'feedback', 'test'] }),
  keyRecord({ id: 'reader', scopes: ['feedback'] }),
  keyRecord({ id: 'expired', expiresAt: '2026-01-01T00:00:00Z' }),
  keyRecord({ id: 'modelless', defaultModel: null }),
  keyRecord({ id: 'thrifty', quotaPerDay: 3 }),
  keyRecord({ id: 'standard', rate: undefined, quotaPerDay: undefined }),
  ...['old', 'new'].map((secret) =>
    keyRecord({ id: 'rotated', sha256: hashKey(secret), rate: { perSecond: 0.01, burst: 3 } }),
  ),
  keyRecord({ id: 'slowpoke', rate: { perSecond: 0.5, burst: 2 } }),
];

export interface GatewayWorld {
  folder: string;
  store: DirectoryStore;
  upstream: ScriptedUpstream;
  settings(change?: Partial<GatewaySettings>): GatewaySettings;
  target(releaseId: string): Target;
  /** Writes the next revision; a challenger share gets a lease of an hour unless the change says otherwise. */
  writePlan(change?: Partial<TrafficPlan>): Promise<TrafficPlan>;
  /** Writes what the gateways know of the model's spec. */
  writeServing(document?: z.input<typeof servingDocumentSchema>): Promise<void>;
  /** A ready gateway in this process, closed with the world. */
  gateway(input?: {
    settings?: Partial<GatewaySettings>;
    clock?: Clock;
    store?: ArtifactStore;
  }): Promise<FastifyInstance>;
  close(): Promise<void>;
}

/** A directory store, a keys file and a scripted upstream on loopback; the champion is `m-r1`, the challenger `m-r2`. */
export async function openGatewayWorld(): Promise<GatewayWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  const store = new DirectoryStore({ root: join(folder, 'store') });
  const upstream = await startScriptedUpstream();
  await writeFile(join(folder, 'keys.json'), JSON.stringify(keyRecords));
  const open: FastifyInstance[] = [];
  let version: string | null = null;
  let revision = 0;
  const settings = (change: Partial<GatewaySettings> = {}): GatewaySettings => ({
    ...readGatewaySettings({ environment: { UNDERSTUDY_HOME: folder, GATEWAY_ID: 'g1' } }),
    planPollMilliseconds: 20,
    telemetryFlushMilliseconds: 50,
    requestLogFlushMilliseconds: 50,
    // Long enough for a machine with other work, short enough to wait for it.
    upstreamTimeoutMilliseconds: 1500,
    requestTimeoutMilliseconds: 3000,
    ...change,
  });
  const target = (releaseId: string): Target => ({
    releaseId,
    endpoint: upstream.endpoint,
    adapter: releaseId,
    promptDigest: null,
    indexVersion: null,
  });
  return {
    folder,
    store,
    upstream,
    settings,
    target,
    async writePlan(change = {}) {
      revision += 1;
      const champion = change.champion ?? target('m-r1');
      const plan: TrafficPlan = {
        model,
        revision,
        owner: { workflowId: 'rollout:m-r2', epoch: 1 },
        champion,
        challenger: target('m-r2'),
        challengerShare: 0,
        mirrorShare: 0,
        holdback: 0,
        lease: { until: new Date(Date.now() + 3_600_000).toISOString(), fallback: champion },
        salt: 'a salt of the model',
        stickyKey: 'user',
        reason: 'test',
        at: new Date().toISOString(),
        ...change,
      };
      const body = Buffer.from(JSON.stringify(plan));
      const written = await store.compareAndSet({ key: `traffic/${model}.json`, body, expected: version });
      if (!written) throw new Error('the plan was written by somebody else');
      version = written.version;
      return plan;
    },
    async writeServing(document = { slowMilliseconds: 450 }) {
      const body = Buffer.from(JSON.stringify(servingDocumentSchema.parse(document)));
      await store.put({ key: storeKeys.serving({ model }), body });
    },
    async gateway({ settings: change, clock = systemClock, store: instead = store } = {}) {
      const app = buildGateway({ settings: settings(change), store: instead, clock });
      open.push(app);
      await app.ready();
      return app;
    },
    async close() {
      await Promise.all(open.map((app) => app.close()));
      await upstream.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Asks until `holds` says yes; rejects with the last thing seen after `milliseconds`. */
export async function eventually<Seen>(input: {
  look: () => Promise<Seen> | Seen;
  holds: (seen: Seen) => boolean;
  milliseconds?: number;
}): Promise<Seen> {
  const { look, holds, milliseconds = 5000 } = input;
  const end = Date.now() + milliseconds;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > end) throw new Error(`not in ${milliseconds} ms; last seen: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Whatever answers requests: an app, or a function around one. */
export interface Answering {
  inject(request: InjectOptions | string): Promise<LightMyRequestResponse>;
}

/** `POST` as the key `app`, or as another one. */
export const ask = (
  app: Answering,
  input: { url?: string; key?: string | null; headers?: Record<string, string>; body?: unknown } = {},
): Promise<LightMyRequestResponse> =>
  app.inject({
    method: 'POST',
    url: input.url ?? `/models/${model}/query`,
    headers: {
      'content-type': 'application/json',
      ...(input.key === null ? {} : { 'x-api-key': input.key ?? 'app' }),
      ...input.headers,
    },
    payload: typeof input.body === 'string' ? input.body : JSON.stringify(input.body ?? { query: 'Where is it?' }),
  });
