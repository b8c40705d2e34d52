import { setTimeout as wait } from 'node:timers/promises';
import type { V1Pod } from '@kubernetes/client-node';
import { Cluster } from '../../../src/adapters/kubernetes/cluster.js';
import { poolPort } from '../../../src/adapters/kubernetes/pool.js';
import { podReady } from '../../../src/adapters/kubernetes/pod-trouble.js';
import { type ScriptedServer, startScriptedServer } from '../../contract/support/scripted-server.js';
import { type Answer, ScriptedVllm } from '../../contract/support/scripted-vllm.js';
import type { TestCluster } from '../kubernetes/cluster.js';

const lookMilliseconds = 100;

/**
 * What runs in the pods that kwok only plays: a scripted vLLM at the address of each pod, which is one of loopback, and
 * the pool's Service in front, which asks pods that are ready.
 */
export class Pods {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #base: string;
  readonly #answer: Answer;
  readonly #servers = new Map<string, ScriptedVllm>();
  #ready: string[] = [];
  #asked = 0;
  #service!: ScriptedServer;
  #ended = false;
  #watching = Promise.resolve();

  constructor(input: { cluster: TestCluster; namespace: string; base: string; answer: Answer }) {
    this.#cluster = new Cluster({ config: input.cluster.config });
    this.#namespace = input.namespace;
    this.#base = input.base;
    this.#answer = input.answer;
  }

  /** The address of the Service, without a path. */
  get service(): string {
    return this.#service.url;
  }

  /** The names that are loaded on each pod. */
  get loaded(): string[][] {
    return [...this.#servers.values()].map(({ names }) => [...names]);
  }

  async start(): Promise<void> {
    this.#service = await startScriptedServer(({ method, path, body }, response) => {
      const pod = this.#ready[(this.#asked += 1) % Math.max(1, this.#ready.length)];
      if (pod === undefined) return void response.writeHead(503).end();
      const init = { method, ...(body === '' ? {} : { body }) };
      fetch(`${pod}${path}`, { ...init, headers: { 'content-type': 'application/json' } }).then(
        async (answer) =>
          response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text()),
        () => response.writeHead(502).end(),
      );
    });
    this.#watching = this.#watch();
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#watching;
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
    await this.#service.close();
  }

  async #watch(): Promise<void> {
    while (!this.#ended) {
      await this.#look().catch(() => null);
      await wait(lookMilliseconds);
    }
  }

  async #look(): Promise<void> {
    const pods = await this.#cluster.pods({ namespace: this.#namespace, labels: {} });
    const alive = new Set<string>();
    for (const { status } of pods) {
      const host = status?.podIP;
      if (host === undefined) continue;
      alive.add(host);
      if (this.#servers.has(host)) continue;
      const server = new ScriptedVllm({ base: this.#base, answer: this.#answer });
      await server.start({ host, port: poolPort });
      this.#servers.set(host, server);
    }
    this.#ready = pods.filter(podReady).flatMap((pod: V1Pod) => addressOf(pod));
    for (const [host, server] of this.#servers)
      if (!alive.has(host)) {
        this.#servers.delete(host);
        await server.close();
      }
  }
}

const addressOf = ({ status }: V1Pod): string[] => (status?.podIP ? [`http://${status.podIP}:${poolPort}`] : []);
