import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { readGatewaySettings } from '../../../src/config/gateway-settings.js';
import { buildGateway } from '../../../src/gateway/app.js';
import { systemClock } from '../../../src/gateway/clock.js';
import { hashKey } from '../../../src/gateway/key-ring.js';

export interface GatewayPair {
  gateways: FastifyInstance[];
  /** Asks one of them as a user; which release answered. */
  ask(input: { gateway: number; model: string; user: string }): Promise<{ release: string; startedAt: number }>;
  /** How many requests a challenger has answered after the champion, by the metrics of both. */
  mirrored(): Promise<number>;
  /** The plan revision that each goes by; null before the first. */
  revisions(): Promise<(number | null)[]>;
  close(): Promise<void>;
}

/** Two gateways with their shipped timing over the store in a folder. */
export async function openGatewayPair({ store: root, home }: { store: string; home: string }): Promise<GatewayPair> {
  await mkdir(home, { recursive: true });
  const rate = { perSecond: 1e6, burst: 1_000_000 };
  const key = { id: 'app', sha256: hashKey('app'), scopes: ['query'], defaultModel: null, expiresAt: null, rate };
  await writeFile(join(home, 'keys.json'), JSON.stringify([key]));
  const store = new DirectoryStore({ root });
  const gateways = ['g1', 'g2'].map((id) =>
    buildGateway({
      settings: readGatewaySettings({
        environment: {
          UNDERSTUDY_HOME: home,
          UNDERSTUDY_STORE: root,
          GATEWAY_ID: id,
          GATEWAY_UPSTREAM_TIMEOUT: '20000',
        },
      }),
      ...{ store, clock: systemClock },
    }),
  );
  await Promise.all(gateways.map((gateway) => gateway.ready()));
  return {
    gateways,
    ask: async ({ gateway, model, user }) => {
      const startedAt = Date.now();
      const answer = await gateways[gateway]!.inject({
        method: 'POST',
        url: `/models/${model}/query`,
        headers: { 'content-type': 'application/json', 'x-api-key': 'app' },
        payload: JSON.stringify({ query: 'Where is it?', user }),
      });
      if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${answer.body}`);
      return { release: String(answer.headers['x-release-id']), startedAt };
    },
    mirrored: async () => {
      const counts = gateways.map(async (gateway) => {
        const { body } = await gateway.inject('/metrics');
        return Number(/^understudy_gateway_mirrored_total\{.*outcome="answered".*\} (\d+)/m.exec(body)?.[1] ?? 0);
      });
      return (await Promise.all(counts)).reduce((all, one) => all + one, 0);
    },
    revisions: () =>
      Promise.all(
        gateways.map(async (gateway) => {
          const { plans = [] } = (await gateway.inject('/readyz')).json<{ plans?: { revision: number }[] }>();
          return plans[0]?.revision ?? null;
        }),
      ),
    close: async () => void (await Promise.all(gateways.map((gateway) => gateway.close()))),
  };
}
