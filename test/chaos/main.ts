import { parseArgs } from 'node:util';
import { runChaos, type ChaosReport } from './run.js';

/* `npm run chaos -- --seed S --releases N [--json]`; exits 1 where something that must hold did not. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    releases: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  process.stderr.write(`--${name} is "${text}"; expected a whole number over 0\n`);
  process.exit(2);
}

const list = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none';

const text = ({ violations, ...report }: ChaosReport): string =>
  [
    `seed ${report.seed}: ${report.releases} releases of ${report.models} models in ${report.seconds.toFixed(0)} s`,
    `outcomes: ${list(report.outcomes)}`,
    `${report.workersKilled} workers killed, ${report.serverRestarts} restarts of Temporal`,
    `faults of ports: ${list(report.faults)}`,
    `done by people and accidents: ${list(report.deeds)}`,
    `${report.replayed} histories replayed`,
    `${violations.length} violations`,
    ...violations,
    ...(violations.length > 0 ? [`again: npm run chaos -- --seed ${report.seed} --releases ${report.releases}`] : []),
  ].join('\n');

const seed = positive('seed', values.seed);
const releases = positive('releases', values.releases);
process.stderr.write(`seed ${seed}\n`);
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const report = await runChaos({ seed, releases, say, signal: stopped.signal });
process.stdout.write(`${values.json ? JSON.stringify(report) : text(report)}\n`);
process.exit(report.violations.length === 0 ? 0 : 1);
