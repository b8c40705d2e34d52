import { parentPort } from 'node:worker_threads';
import { detectLanguage, type DetectedLanguage } from '../domain/dataset/language-detection.js';

/** What a thread is asked, and what it tells, as much at a time as there is. */
export interface AskedLanguage {
  number: number;
  text: string;
}
export type ToldLanguage = DetectedLanguage & { number: number };

const port = parentPort!;
port.on('message', (asked: AskedLanguage[]) => {
  port.postMessage(asked.map(({ number, text }): ToldLanguage => ({ number, ...detectLanguage({ text }) })));
});
// Its tables are loaded.
port.postMessage([]);
