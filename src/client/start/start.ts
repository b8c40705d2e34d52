import { once } from 'node:events';
import { join } from 'node:path';
import { openStore } from '../../adapters/open-store.js';
import { VllmServing } from '../../adapters/vllm-serving/vllm-serving.js';
import type { Settings } from '../../config/settings.js';
import { connectOptions } from '../connect-options.js';
import { UnderstudyClient } from '../understudy-client.js';
import { checkConfigured } from './check-configured.js';
import { prepareHome } from './checks.js';
import { createDecider } from './demonstration/decide.js';
import { readDemonstration, type Demonstration } from './demonstration/demonstration-file.js';
import { openDemonstrationState } from './demonstration/demonstration-state.js';
import { evidenceVerdicts } from './demonstration/evidence-verdicts.js';
import { startFaultProxy, type FaultProxy } from './demonstration/fault-proxy.js';
import { writeOverview } from './demonstration/overview.js';
import { runDemonstration, stateKey } from './demonstration/run-demonstration.js';
import { runBatch, type EndedBatch } from './demonstration/run-batch.js';
import { servedAsExpected, showSummaries } from './demonstration/show-summaries.js';
import { endedAsExpected, summarise, summaryTable, type StartSummary } from './demonstration/summary.js';
import { askGateway, readQuestions, startReplay } from './demonstration/traffic-replay.js';
import { withIndex } from './demonstration/with-index.js';
import { ensureGatewayKey } from './gateway-key.js';
import { takeHome, type Ledger } from './ledger.js';
import { rememberEndpoints } from './moved-endpoints.js';
import { projectRoot } from './own-entry.js';
import { choosePorts } from './ports.js';
import { startStack, type Stack } from './stack.js';
import { wire, type Wiring } from './wiring.js';

/** What one machine answers, within which the replayed traffic finds its own rate. */
const traffic = { rate: { start: 2, least: 0.2, most: 20 }, inFlight: 6 };

export interface StartOptions {
  example: string;
  /** Stop everything once the releases have ended. */
  once: boolean;
  base: 'tiny' | null;
  approve: 'auto' | 'ask';
}

export interface StartInput {
  settings: Settings;
  options: StartOptions;
  /** A line of progress. */
  say: (line: string) => void;
  /** The end of the demonstration, before the wait for Ctrl-C. */
  onSummary: (summary: { table: string; data: StartSummary }) => void;
  /** Aborted by the first Ctrl-C. */
  signal: AbortSignal;
  /** Told who can end everything at once, as soon as there is something to end. */
  onLedger?: (ledger: Ledger) => void;
}

/**
 * What is needed before anything is started: reads the example and makes the home.
 * @throws CannotRunError naming what is wrong and how to mend it.
 */
export async function prepareStart({
  settings,
  example,
  base,
  examples = join(projectRoot, 'examples'),
}: {
  settings: Settings;
  example: string;
  base: StartOptions['base'];
  /** Folder of the examples. */
  examples?: string;
}): Promise<Demonstration> {
  const demonstration = await readDemonstration({ examples, name: example, base });
  await prepareHome({ home: settings.home });
  return demonstration;
}

/**
 * Runs the embedded profile and the example's demonstration on it. Resolves with whether all releases ended as the
 * example says; everything that was started is stopped by then.
 * @throws CannotRunError, AlreadyRunningError or ComponentError, each with how to mend it; the signal's reason when
 * the releases had not ended before it was aborted.
 */
export async function start(input: StartInput): Promise<boolean> {
  const { settings, options, say, signal } = input;
  const { home } = settings;
  const demonstration = await prepareStart({ settings, ...options });
  const { ledger, ended } = await takeHome({ home });
  input.onLedger?.(ledger);
  if (ended.length > 0) say(`ended what an earlier run left: ${ended.join(', ')}`);
  let proxy: FaultProxy | null = null;
  let stack: Stack | null = null;
  try {
    const { ports, moved } = await choosePorts({ home });
    for (const name of moved) say(`the port of ${name} was taken; it moves to ${ports[name]}`);
    const apiKey = await ensureGatewayKey({ home, model: demonstration.model });
    const { baseId } = demonstration;
    const evaluation = settings.endpoint.baseUrl ?? `http://127.0.0.1:${ports.vllm}/v1`;
    proxy = await startFaultProxy({ target: settings.endpoint.liveBaseUrl ?? evaluation, port: ports.live });
    const remembered = await rememberEndpoints({ home, evaluation, live: proxy.url });
    const wiring = await wire({ settings, ports, baseId, live: proxy.url, moved: remembered });
    await checkConfigured({ wiring, apiKey: settings.endpoint.apiKey?.reveal() ?? null });
    const onEndpointUp = (): Promise<void> => reloadAdapters({ wiring, settings, say });
    stack = await startStack({ wiring, ledger, say, signal, ...(wiring.endpoint.own ? { onEndpointUp } : {}) });
    const urls = { ...stack.urls };
    await ledger.publish(urls);
    for (const [name, url] of Object.entries(urls)) say(`  ${name.padEnd(9)} ${url}`);
    say(`  API key   ${join(home, 'gateway.key')}`);
    return await demonstrate({ ...input, demonstration, wiring, proxy, apiKey, urls });
  } finally {
    if (stack !== null) say('stopping everything');
    await stack?.stop();
    await proxy?.close();
    await ledger.release();
  }
}

async function reloadAdapters({
  wiring,
  settings,
  say,
}: {
  wiring: Wiring;
  settings: Settings;
  say: (line: string) => void;
}): Promise<void> {
  const serving = new VllmServing({
    store: openStore({ location: wiring.store }),
    endpoint: wiring.endpoint.url,
    apiKey: settings.endpoint.apiKey?.reveal() ?? null,
    bases: { [wiring.base.id]: wiring.base.id },
  });
  const { loaded, failed } = await serving.reconcile();
  if (loaded.length > 0) say(`vllm serves ${loaded.join(', ')} again`);
  for (const { releaseId, reason } of failed) say(`vllm can't serve ${releaseId} again: ${reason}`);
}

async function demonstrate({
  demonstration,
  wiring,
  proxy,
  apiKey,
  urls,
  options,
  say,
  onSummary,
  signal,
}: StartInput & {
  demonstration: Demonstration;
  wiring: Wiring;
  proxy: FaultProxy;
  apiKey: string;
  urls: Record<string, string>;
}): Promise<boolean> {
  const since = performance.now();
  const { name, baseId, model } = demonstration;
  const state = await openDemonstrationState({ home: wiring.home, key: `${name}-${stateKey(baseId)}` });
  const client = await UnderstudyClient.connect({
    ...connectOptions(wiring.temporal),
    storeDirectory: wiring.store,
  });
  const replay = startReplay({
    questions: await readQuestions({ file: demonstration.traffic }),
    send: askGateway({ gateway: wiring.gateway.url, model, apiKey }),
    ...traffic,
    from: state.questions,
  });
  try {
    const decide = createDecider({
      client,
      mode: options.approve,
      temporalUi: wiring.temporal.ui,
      evidenceOf: (releaseId) => evidenceVerdicts({ temporal: client.temporal, releaseId }),
      say,
    });
    const batches: EndedBatch[] = [];
    const runBatches = async (models: readonly string[]): Promise<void> => {
      for (const one of models) batches.push(await runBatch({ model: one, client, say, signal }));
    };
    const results = await runDemonstration({
      client: withIndex({ client, say }),
      ...{ demonstration, state, replay, proxy, decide, runBatches, say, signal },
    });
    const report = await writeOverview({ home: wiring.home, store: client.store, model, results });
    const summaries = await showSummaries({ items: demonstration.items, gateway: wiring.gateway.url, apiKey, say });
    const seconds = Math.round((performance.now() - since) / 100) / 10;
    const data = summarise({ results, batches, summaries, report, urls, seconds });
    onSummary({ table: summaryTable(results), data });
    if (!options.once && !signal.aborted) {
      say('everything stays up until Ctrl-C');
      await once(signal, 'abort');
    }
    return endedAsExpected(results) && servedAsExpected({ batches, summaries });
  } finally {
    await replay.stop();
    await client.close();
  }
}
