import { execFileSync } from 'node:child_process';
import { compiledSource } from './support/compiled-source.js';
import { latencyAtRate, send, throughput } from './support/gateway-load.js';
import { cores, startUnderstudy, startUpstream } from './support/gateways.js';
execFileSync('taskset', ['-a', '-cp', `${cores.load},${cores.load + 1}`, String(process.pid)], { stdio: 'ignore' });
const source = await compiledSource();
const upstream = await startUpstream();
const own = await startUnderstudy({ upstream, source });
if (process.env.MEM) {
  for (const amount of [100_000, Number(process.env.MEM) - 100_000]) { const t = Date.now(); await send({ endpoint: own, amount }); await new Promise((r) => setTimeout(r, 5000)); console.log('resident', amount, Math.round(await own.process.resident()), ((Date.now() - t) / 1000).toFixed(0), 's'); }
} else {
  await throughput({ endpoint: own, seconds: 5 });
  const out: string[] = [];
  for (let i = 1; i <= Number(process.env.REPS ?? 8); i++) { const { p99 } = await latencyAtRate({ endpoint: own, perSecond: 1000, seconds: 10, seed: i }); out.push(p99.toFixed(1)); }
  console.log(process.env.FLAGS ?? '', 'p99', out.join(' '), 'resident', Math.round(await own.process.resident()));
}
await own.process.stop(); await upstream.process.stop(); process.exit();
