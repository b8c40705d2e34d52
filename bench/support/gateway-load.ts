import autocannon from 'autocannon';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Client, Pool } from 'undici';
import { seededRandom } from '../../src/domain/statistics/random.js';
import { requestBody, type Endpoint } from './gateways.js';
import { median } from './report.js';

const connections = 32;

const optionsOf = ({ url, headers }: Endpoint) => ({ url, method: 'POST' as const, headers, body: requestBody });

/** A run is only worth its figures when every answer was a good one. */
function checked({ endpoint, result }: { endpoint: Endpoint; result: autocannon.Result }): autocannon.Result {
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0 || result['2xx'] === 0)
    throw new Error(`the comparison is off: ${endpoint.name} failed ${failed} of ${result.requests.total} requests`);
  return result;
}

/** Requests a second with 32 callers that ask again as soon as they are answered. */
export async function throughput({ endpoint, seconds }: { endpoint: Endpoint; seconds: number }): Promise<number> {
  const result = await autocannon({ ...optionsOf(endpoint), connections, duration: seconds });
  return checked({ endpoint, result })['2xx'] / result.duration;
}

/** Sends so many requests as fast as they are answered. */
export async function send({ endpoint, amount }: { endpoint: Endpoint; amount: number }): Promise<void> {
  checked({ endpoint, result: await autocannon({ ...optionsOf(endpoint), connections, amount }) });
}

/**
 * The latency that 99 of 100 requests keep, in milliseconds, with arrivals of their own (a Poisson process, seeded): a
 * request that is due is sent whether or not earlier ones are answered, and its time runs from the moment it was due.
 */
export async function latencyAtRate(input: { endpoint: Endpoint; perSecond: number; seconds: number; seed: number }) {
  const { endpoint, perSecond, seconds, seed } = input;
  const { origin, pathname } = new URL(endpoint.url);
  const pool = new Pool(origin, { connections: 128 });
  const request = { path: pathname, method: 'POST' as const, headers: endpoint.headers, body: requestBody };
  const random = seededRandom(seed);
  const times: number[] = [];
  const open: Promise<void>[] = [];
  const send = async (due: number): Promise<void> => {
    const response = await pool.request(request);
    await response.body.text();
    if (response.statusCode !== 200) throw new Error(`${endpoint.name} answered ${response.statusCode}`);
    times.push(performance.now() - due);
  };
  const begun = performance.now();
  let due = begun;
  while (due < begun + seconds * 1000) {
    for (; due <= performance.now(); due -= (Math.log(1 - random.uniform()) * 1000) / perSecond) open.push(send(due));
    await nextTurn();
  }
  await Promise.all(open);
  await pool.close();
  const sorted = times.sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.floor(share * sorted.length)]!;
  return { p50: at(0.5), p99: at(0.99), perSecond: times.length / seconds };
}

/** The median milliseconds of requests sent one by one over one connection, with a pause between them. */
export async function oneByOne(input: {
  endpoint: Endpoint;
  count: number;
  pauseMilliseconds: number;
}): Promise<number> {
  const { endpoint, count, pauseMilliseconds } = input;
  const { origin, pathname } = new URL(endpoint.url);
  const client = new Client(origin);
  const times: number[] = [];
  const request = { path: pathname, method: 'POST' as const, headers: endpoint.headers, body: requestBody };
  for (let sent = 0; sent < count; sent += 1) {
    const begun = performance.now();
    const response = await client.request(request);
    await response.body.text();
    times.push(performance.now() - begun);
    if (response.statusCode !== 200) throw new Error(`${endpoint.name} answered ${response.statusCode}`);
    if (pauseMilliseconds > 0) await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
  }
  await client.close();
  return median(times);
}
