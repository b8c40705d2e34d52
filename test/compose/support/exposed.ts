import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import getPort from 'get-port';
import type { Assignment } from '../../../src/gateway/assignment.js';
import { GatewayMetrics } from '../../../src/gateway/gateway-metrics.js';
import type { ModelState } from '../../../src/gateway/plan-reader.js';
import { localEnvironment } from '../../support/temporal.js';
import { root } from './compose-files.js';

const model = 'support-assistant';
/** A model whose requests all go well. */
export const quietModel = 'quiet';
const target = { adapter: 'r', promptDigest: null, indexVersion: null, endpoint: 'http://vllm:8000/v1' };
const plan = {
  ...{ schemaVersion: 1, model, revision: 7, salt: 'salt', stickyKey: 'user', holdback: 0.05 },
  ...{ champion: { ...target, releaseId: `${model}-r1` }, challenger: { ...target, releaseId: `${model}-r2` } },
  ...{ challengerShare: 0.1, mirrorShare: 0.5, lease: null },
} as unknown as ModelState['plan'];

/** Metrics of a gateway in the midst of a canary where everything that it counts has happened. */
export function busyGateway(): GatewayMetrics {
  return new GatewayMetrics({ states: () => [{ plan, confirmedAt: Date.now() } as ModelState], clock: Date.now });
}

/** Once more of everything that a gateway counts. */
export function happen(metrics: GatewayMetrics): void {
  const release = `${model}-r2`;
  for (const arm of ['champion', 'challenger'] as const) {
    const assignment = { model, revision: 7, arm, target: plan[arm]! } as Assignment;
    metrics.attempt({ id: 'a', assignment, milliseconds: 80, events: ['error', 'slow', 'blocked'] });
    metrics.said({ model, revision: 7, arm, event: 'thumbsDown', plan });
    metrics.rescued(assignment);
  }
  const calm = { model: quietModel, revision: 1, arm: 'champion', target: plan.champion } as Assignment;
  metrics.attempt({ id: 'b', assignment: calm, milliseconds: 80, events: [] });
  metrics.response({ route: '/query', status: 200 });
  metrics.planRefused({ model, refusal: 'corrupt' });
  metrics.writeFailed('telemetry');
  metrics.linesDropped({ what: 'requestLog', lines: 1 });
  metrics.guarded({ model, stage: 'input', guardrail: 'injection', action: 'refuse' });
  metrics.mirrored({ model, release, outcome: 'answered' });
  metrics.retrieved({ model, release, outcome: 'found' });
}

/** What a worker of ours shows Prometheus after a workflow that went well and one that did not. */
export async function workerExposition(): Promise<string> {
  const environment = await localEnvironment();
  try {
    const place = `127.0.0.1:${await getPort()}`;
    const worker = join(root, 'test/compose/support/measured-worker.ts');
    const args = ['--import', 'tsx', worker, environment.address, place];
    return (await execa('node', args, { cwd: root, timeout: 100_000 })).stdout;
  } finally {
    await environment.teardown();
  }
}

/** Names of the series of an exposition. */
export const seriesIn = (exposition: string): Set<string> =>
  new Set([...exposition.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{|\s)/gm)].map(([, name]) => name!));

/** An exposition in which everything that counts stands at `times` what it stood at. */
export function grown({ exposition, times }: { exposition: string; times: number }): string {
  const counters = new Set(
    [...exposition.matchAll(/^# TYPE (\S+) (?:counter|histogram)$/gm)].map(([, name]) => name!.replace(/_total$/, '')),
  );
  return exposition.replaceAll(
    /^([a-zA-Z_:][\w:]*)(\{.*\})? (\d[\d.e+]*)$/gm,
    (line, name: string, labels = '', value) =>
      counters.has(name.replace(/_(?:total|bucket|sum|count)$/, ''))
        ? `${name}${labels} ${Number(value) * times}`
        : line,
  );
}

/** Serves an exposition below each path; `stop` ends that. */
export async function expose(
  paths: Readonly<Record<string, () => Promise<{ type: string; text: string }>>>,
): Promise<{ target: string; stop: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const show = paths[request.url ?? ''];
    if (show === undefined) return void response.writeHead(404).end();
    void show().then(({ type, text }) => response.setHeader('content-type', type).end(text));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    target: `127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
