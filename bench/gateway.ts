import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { compiledSource } from './support/compiled-source.js';
import { latencyAtRate, oneByOne, send, throughput } from './support/gateway-load.js';
import {
  cores,
  startLiteLlm,
  startPortkey,
  startUnderstudy,
  startUpstream,
  type Endpoint,
  type Understudy,
} from './support/gateways.js';
import { median, report, reportMachine, spreadOf, type Measured } from './support/report.js';

const bench = 'gateway';
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '5' },
    repetitions: { type: 'string', default: '5' },
    peers: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const requests = Number(values.requests);
const seconds = Number(values.seconds);
const repetitions = Number(values.repetitions);
const oneByOneCount = 1000;
const targets = { added: 1, p99: 5, perSecond: 1000, portkey: 3, litellm: 20, memory: 1.1, mirror: 0.2 };

const show = (measured: Omit<Measured, 'bench'>): void =>
  report({
    bench,
    ...measured,
    note: [measured.note, `load average ${loadavg()[0]!.toFixed(1)}`].filter(Boolean).join('; '),
  });

/** Runs both again and again in turn, so that they see the same machine. */
async function inTurn(one: () => Promise<number>, other: () => Promise<number>) {
  const [ones, others]: [number[], number[]] = [[], []];
  for (let done = 0; done < repetitions; done += 1) {
    ones.push(await one());
    others.push(await other());
  }
  return { ones, others, differences: ones.map((value, index) => value - others[index]!) };
}

const alone =
  (endpoint: Endpoint, pauseMilliseconds = 0) =>
  () =>
    oneByOne({ endpoint, count: oneByOneCount, pauseMilliseconds });

async function addedLatency({ own, upstream }: { own: Understudy; upstream: Endpoint }): Promise<void> {
  const { differences, others } = await inTurn(alone(own), alone(upstream));
  const value = median(differences);
  show({
    ...{ metric: 'added at p50, one by one', value, unit: 'ms', spread: spreadOf(differences) },
    ...{ target: `<= ${targets.added}`, ok: value <= targets.added },
    note: `the upstream itself ${median(others).toFixed(2)} ms`,
  });
  await own.change({
    guardrails: {
      input: { injection: 'refuse', personalData: 'redact', maximumCharacters: 10_000, languages: ['en'] },
      output: { toxicity: 0.8, personalData: 'redact', refusal: 'block' },
    },
  });
  const guarded = await inTurn(alone(own), alone(upstream));
  show({
    ...{ metric: 'added at p50, one by one, with all guardrails but a JSON schema' },
    ...{
      value: median(guarded.differences),
      unit: 'ms',
      spread: spreadOf(guarded.differences),
      target: null,
      ok: null,
    },
  });
  await own.change({});
}

async function latencyUnderLoad({ own, upstream }: { own: Understudy; upstream: Endpoint }): Promise<void> {
  const p99s: number[] = [];
  const rates: number[] = [];
  const bare: number[] = [];
  for (let done = 0; done < repetitions; done += 1) {
    const load = { perSecond: targets.perSecond, seconds: 2 * seconds, seed: done + 1 };
    bare.push((await latencyAtRate({ endpoint: upstream, ...load })).p99);
    const { p99, perSecond } = await latencyAtRate({ endpoint: own, ...load });
    p99s.push(p99);
    rates.push(perSecond);
  }
  const value = median(p99s);
  show({
    ...{ metric: `p99 at ${targets.perSecond} requests a second`, value, unit: 'ms', spread: spreadOf(p99s) },
    ...{ target: `< ${targets.p99}`, ok: value < targets.p99 },
    note: `${Math.round(median(rates))} requests a second came through; the upstream itself ${median(bare).toFixed(1)} ms`,
  });
}

/** What users wait longer with every request mirrored: one by one as fast as they can, and at a human pace. */
async function mirrorCost({ own }: { own: Understudy }): Promise<void> {
  for (const pauseMilliseconds of [0, 5]) {
    const { differences } = await inTurn(
      async () => {
        await own.change({ mirrorShare: 1 });
        return alone(own, pauseMilliseconds)();
      },
      async () => {
        await own.change({});
        return alone(own, pauseMilliseconds)();
      },
    );
    const value = median(differences);
    const pace = pauseMilliseconds === 0 ? 'one after the other' : `${pauseMilliseconds} ms apart`;
    show({
      ...{ metric: `mirror at 100 %, requests ${pace}: added at p50`, value, unit: 'ms' },
      ...{ spread: spreadOf(differences), target: `< ${targets.mirror}`, ok: value < targets.mirror },
    });
  }
  await own.change({});
}

async function comparePeer(input: {
  own: Understudy;
  peer: Endpoint;
  upstream: Endpoint;
  times: number;
}): Promise<void> {
  const { own, peer, upstream, times } = input;
  for (const endpoint of [own, peer]) await throughput({ endpoint, seconds: 3 });
  const rates = await inTurn(
    () => throughput({ endpoint: own, seconds }),
    () => throughput({ endpoint: peer, seconds }),
  );
  const ratio = median(rates.ones.map((rate, index) => rate / rates.others[index]!));
  show({
    ...{ metric: 'requests a second, 32 callers', value: median(rates.ones), unit: 'requests/s' },
    ...{ spread: spreadOf(rates.ones), peer: peer.name, peerValue: median(rates.others), ratio },
    ...{ target: `>= ${times} times the peer`, ok: ratio >= times },
  });
  const latencies = await inTurn(alone(own), alone(peer));
  const direct = await alone(upstream)();
  show({
    ...{ metric: 'added at p50, one by one', value: median(latencies.ones) - direct, unit: 'ms' },
    ...{ peer: peer.name, peerValue: median(latencies.others) - direct, target: null, ok: null },
  });
}

/** Resident memory after a tenth of the requests, and after all of them. */
async function memory({ own }: { own: Understudy }): Promise<void> {
  const resident: number[] = [];
  for (const amount of [requests / 10, requests - requests / 10]) {
    await send({ endpoint: own, amount });
    await new Promise((resolve) => setTimeout(resolve, 5000));
    resident.push(await own.process.resident());
  }
  const value = resident[1]! / resident[0]!;
  show({
    ...{ metric: `memory after ${requests} requests over that after ${requests / 10}`, value, unit: 'times' },
    ...{ target: `<= ${targets.memory}`, ok: value <= targets.memory },
    note: resident.map((megabytes) => `${Math.round(megabytes)} MiB`).join(', '),
  });
}

async function main(): Promise<void> {
  reportMachine({ bench });
  execFileSync('taskset', ['-a', '-cp', `${cores.load},${cores.load + 1}`, String(process.pid)], { stdio: 'ignore' });
  const source = await compiledSource();
  const upstream = await startUpstream();
  const fresh = await startUnderstudy({ upstream, source });
  try {
    await memory({ own: fresh });
  } finally {
    await fresh.process.stop();
    await fresh.remove();
  }
  const own = await startUnderstudy({ upstream, source });
  try {
    for (const endpoint of [own, upstream]) await throughput({ endpoint, seconds: 5 });
    await addedLatency({ own, upstream });
    await latencyUnderLoad({ own, upstream });
    await mirrorCost({ own });
    if (!values.peers) return;
    const portkey = await startPortkey({ upstream });
    await comparePeer({ own, peer: portkey, upstream, times: targets.portkey }).finally(() => portkey.process.stop());
    const liteLlm = await startLiteLlm({ upstream });
    await comparePeer({ own, peer: liteLlm, upstream, times: targets.litellm }).finally(() => liteLlm.process.stop());
    await liteLlm.remove();
  } finally {
    await own.process.stop();
    await own.remove();
    await upstream.process.stop();
  }
}

await main();
