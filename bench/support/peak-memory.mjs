import { appendFileSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Loaded before a program: leaves the process's highest resident memory, in kB as Linux counts it, in a file. */
if (isMainThread)
  process.on('exit', () => {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    appendFileSync(process.env.PEAK_MEMORY_FILE, `${peak[1]}\n`);
  });
