import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { runChaos, type ChaosReport } from './run.js';

/* `npm run chaos`; exits 1 where something that must hold did not, and 2 where it could not run. */

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('expected a whole number over 0');
}

const program = new Command('npm run chaos --')
  .description('Plays whole releases while everything around them breaks, and checks afterwards what must hold.')
  .addOption(
    new Option('--seed <number>', 'what goes wrong, and what people do')
      .argParser(positive)
      .default((Date.now() % 1_000_000) + 1, 'by chance'),
  )
  .option('--releases <number>', 'how many, of several models side by side', positive, 20)
  .option('--json', 'the report as one line of JSON', false)
  .exitOverride();
try {
  program.parse();
} catch (error) {
  process.exit(error instanceof CommanderError && error.exitCode === 0 ? 0 : 2);
}
const { seed, releases, json } = program.opts<{ seed: number; releases: number; json: boolean }>();

const list = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none';

const text = ({ violations, ...report }: ChaosReport): string =>
  [
    `seed ${report.seed}: ${report.releases}${report.releases < report.asked ? ` of ${report.asked}` : ''} releases of ${report.models} models in ${report.seconds.toFixed(0)} s`,
    `outcomes: ${list(report.outcomes)}`,
    `${report.workersKilled} workers killed, ${report.serverRestarts} restarts of Temporal`,
    `faults of ports: ${list(report.faults)}`,
    `done by people and accidents: ${list(report.deeds)}`,
    `${report.replayed} histories replayed`,
    `${violations.length} violations`,
    ...violations,
    ...(violations.length > 0 ? [`again: npm run chaos -- --seed ${report.seed} --releases ${report.asked}`] : []),
  ].join('\n');

process.stderr.write(`seed ${seed}\n`);
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const [enough, stopped] = [new AbortController(), new AbortController()];
let saidAt = -Infinity;
const stop = (): void => {
  // Ctrl-C reaches this process from the terminal and from its parent.
  const isSamePress = performance.now() - saidAt < 1000;
  if (isSamePress) return;
  saidAt = performance.now();
  if (enough.signal.aborted) return stopped.abort();
  enough.abort();
  say('no other release begins, and those that have begun are checked; once more gives the run up');
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
const report = await runChaos({ seed, releases, say, enough: enough.signal, signal: stopped.signal }).catch(
  (error: unknown) => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(2);
  },
);
process.stdout.write(`${json ? JSON.stringify(report) : text(report)}\n`);
process.exit(report.violations.length === 0 ? 0 : 1);
