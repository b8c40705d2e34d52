import { parentPort, workerData } from 'node:worker_threads';
import { planDataset } from '../domain/dataset/plan.js';
import { createPseudonyms } from '../domain/dataset/pseudonyms.js';
import type { DataSpec } from '../domain/spec/data-spec.js';
import { linesCleaner } from './dataset-item-cleaner.js';
import type { RawItem } from './dataset-source.js';

/** What a thread that cleans has to know. */
export interface ThreadSettings {
  data: DataSpec;
  pseudonymKey: string | null;
}

/** Answers each list of items with its lines. */
const { data, pseudonymKey } = workerData as ThreadSettings;
const clean = linesCleaner(planDataset({ data, pseudonyms: createPseudonyms({ key: pseudonymKey }) }));
const port = parentPort!;
port.on('message', (items: RawItem[]) => {
  port.postMessage(clean(items));
});
