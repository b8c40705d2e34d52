import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { LocalTrainer, type LocalTrainerSettings } from '../../../src/adapters/local-trainer/local-trainer.js';
import type { TrainingRequest } from '../../../src/activities/ports.js';

/**
 * A worker process that starts one job: `trainer-worker.ts <file>`, the file with
 * `{storeRoot, settings, request}`. Says `ready`, waits for a line on stdin, starts the job, says `started`, and stays.
 */
const { storeRoot, settings, request } = JSON.parse(await readFile(process.argv[2]!, 'utf8')) as {
  storeRoot: string;
  settings: Omit<LocalTrainerSettings, 'store'>;
  request: TrainingRequest;
};
const trainer = new LocalTrainer({ ...settings, store: new DirectoryStore({ root: storeRoot }) });
process.stdout.write('ready\n');
await once(process.stdin, 'data');
await trainer.start(request);
process.stdout.write('started\n');
await once(process.stdin, 'end');
