import { stopAll } from '../../adapters/local-trainer/stop-job.js';

/** Ends every training process of the home named by the one argument; each goes on from its checkpoint next time. */
await stopAll({ home: process.argv[2]! });
