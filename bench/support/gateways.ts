import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import getPort from 'get-port';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { servingDocumentSchema } from '../../src/contracts/serving-document.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import type { Target, TrafficPlan } from '../../src/domain/rollout/traffic-plan.js';
import { hashKey } from '../../src/gateway/key-ring.js';
import { peerPackages } from './peer-packages.js';
import { peerPython } from './peer-environment.js';
import { reachable, startPinned, type PinnedProcess } from './pinned-process.js';

const model = 'support-assistant';
export const cores = { gateway: 0, upstream: 1, load: 2 };
const question = 'What is the next-day cutoff for a parcel that I ordered yesterday evening?';
export const requestBody = JSON.stringify({ model, messages: [{ role: 'user', content: question }], user: 'ann' });

/** A server that speaks OpenAI's chat completions, and how to ask it. */
export interface Endpoint {
  name: string;
  url: string;
  headers: Record<string, string>;
  process: PinnedProcess;
}

const headers = { 'content-type': 'application/json' };

export async function startUpstream(): Promise<Endpoint> {
  const script = fileURLToPath(new URL('./instant-upstream.mjs', import.meta.url));
  const process_ = await startPinned({
    core: cores.upstream,
    command: process.execPath,
    args: [script],
    waitsForLine: true,
  });
  const { port } = JSON.parse(process_.said) as { port: number };
  return { name: 'upstream', url: `http://127.0.0.1:${port}/v1/chat/completions`, headers, process: process_ };
}

export interface Understudy extends Endpoint {
  /** Puts another plan and policy in force, and returns when the gateway follows them. */
  change(input: Change): Promise<void>;
  remove(): Promise<void>;
}
interface Change {
  mirrorShare?: number;
  guardrails?: z.input<typeof servingDocumentSchema>['guardrails'];
}

/** The gateway as it is shipped, with a key within its limits, counters and the request log. */
export async function startUnderstudy(input: { upstream: Endpoint; source: string }): Promise<Understudy> {
  const { upstream, source } = input;
  const folder = await mkdtemp(join(tmpdir(), 'bench-gateway-'));
  const store = new DirectoryStore({ root: join(folder, 'store') });
  const endpoint = upstream.url.replace('/chat/completions', '');
  const target = (releaseId: string): Target => ({
    ...{ releaseId, endpoint, adapter: releaseId, promptDigest: null, indexVersion: null },
  });
  let revision = 0;
  const write = async ({ mirrorShare = 0, guardrails = {} }: Change) => {
    revision += 1;
    const serving = servingDocumentSchema.parse({ slowMilliseconds: 450, guardrails });
    await store.put({ key: storeKeys.serving({ model }), body: Buffer.from(JSON.stringify(serving)) });
    const plan: TrafficPlan = {
      ...{ model, revision, owner: { workflowId: 'bench', epoch: 2 }, champion: target(`${model}-r1`) },
      ...{ challenger: target(`${model}-r2`), challengerShare: 0, mirrorShare, holdback: 0, salt: 'bench' },
      lease: { until: new Date(Date.now() + 86_400_000).toISOString(), fallback: target(`${model}-r1`) },
      ...{ stickyKey: 'user', reason: 'bench', at: new Date().toISOString() },
    };
    await store.put({ key: `traffic/${model}.json`, body: Buffer.from(JSON.stringify(plan)) });
  };
  await write({});
  const rate = { perSecond: 1_000_000, burst: 1_000_000 };
  const record = { id: 'bench', sha256: hashKey('bench'), scopes: ['query'], defaultModel: model, expiresAt: null };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'keys.json'), JSON.stringify([{ ...record, rate, quotaPerDay: 1_000_000_000 }]));
  const process_ = await startPinned({
    core: cores.gateway,
    command: process.execPath,
    args: [join(source, 'gateway/server.js')],
    environment: {
      UNDERSTUDY_HOME: folder,
      UNDERSTUDY_SUPERVISED: '1',
      GATEWAY_ID: 'bench',
      GATEWAY_LOG_LEVEL: 'warn',
    },
    waitsForLine: true,
  });
  const { listening } = JSON.parse(process_.said) as { listening: string };
  return {
    name: 'understudy',
    url: `${listening}/v1/chat/completions`,
    headers: { ...headers, 'x-api-key': 'bench' },
    process: process_,
    change: async (input) => {
      await write(input);
      for (;;) {
        const ready = (await (await fetch(`${listening}/readyz`)).json()) as { plans: { revision: number }[] };
        if (ready.plans[0]?.revision === revision) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Portkey's gateway, told by headers whom to ask. */
export async function startPortkey({ upstream }: { upstream: Endpoint }): Promise<Endpoint> {
  const folder = await peerPackages({ name: 'portkey', source: fileURLToPath(new URL('../gateway', import.meta.url)) });
  const script = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  const port = await getPort();
  const process_ = await startPinned({
    core: cores.gateway,
    command: process.execPath,
    args: [script, '--headless', `--port=${port}`],
    waitsForLine: false,
  });
  await reachable({ url: `http://127.0.0.1:${port}/`, seconds: 60 });
  const host = upstream.url.replace('/chat/completions', '');
  const provider = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': host, authorization: 'Bearer none' };
  return {
    name: 'Portkey gateway 1.15.2',
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: { ...headers, ...provider },
    process: process_,
  };
}

/** LiteLLM's proxy with one worker and a master key, no database. */
export async function startLiteLlm({
  upstream,
}: {
  upstream: Endpoint;
}): Promise<Endpoint & { remove(): Promise<void> }> {
  const requirements = new URL('../gateway/requirements.txt', import.meta.url);
  const python = await peerPython({ name: 'litellm', requirements });
  const folder = await mkdtemp(join(tmpdir(), 'bench-litellm-'));
  const base = upstream.url.replace('/chat/completions', '');
  const config = {
    model_list: [{ model_name: model, litellm_params: { model: 'openai/m', api_base: base, api_key: 'none' } }],
    general_settings: { master_key: 'sk-bench' },
  };
  await writeFile(join(folder, 'config.yaml'), JSON.stringify(config));
  const port = await getPort();
  const process_ = await startPinned({
    core: cores.gateway,
    command: join(dirname(python), 'litellm'),
    args: [
      '--config',
      join(folder, 'config.yaml'),
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--telemetry',
      'False',
    ],
    environment: { LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_MODE: 'PRODUCTION', LITELLM_LOG: 'ERROR' },
    waitsForLine: false,
  });
  await reachable({ url: `http://127.0.0.1:${port}/health/liveliness`, seconds: 180 });
  return {
    name: 'LiteLLM proxy 1.106.2',
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: { ...headers, authorization: 'Bearer sk-bench' },
    process: process_,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
