// A command that leaves a child of its own behind, as servers with workers do; both ignore SIGTERM where asked to.
import { spawn } from 'node:child_process';

const [depth = '1', stubborn = 'no'] = process.argv.slice(2);
if (stubborn === 'yes') process.on('SIGTERM', () => undefined);
if (Number(depth) > 0) {
  spawn(process.execPath, [import.meta.filename, String(Number(depth) - 1), stubborn], { stdio: 'inherit' });
}
process.stdout.write(`up ${process.pid}\n`);
setInterval(() => undefined, 1000);
