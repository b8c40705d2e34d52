import { startGuarded } from '../../../src/client/start/guarded-process.js';

/** Starts one guarded command, says which group it is, and stays until it is killed. */
const [logFile, ...command] = process.argv.slice(2);
const guarded = await startGuarded({
  command: command[0]!,
  arguments: command.slice(1),
  environment: { PATH: '/usr/bin:/bin' },
  directory: '/',
  logFile: logFile!,
  graceMilliseconds: 300,
});
process.stdout.write(`${guarded.pid}\n`);
setInterval(() => undefined, 1000);
