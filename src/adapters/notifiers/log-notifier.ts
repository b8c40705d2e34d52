import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Notification, Notifier } from '../../activities/ports.js';
import { ensureFolder, fileError } from '../directory-store/atomic-files.js';

/** Appends notifications to `<home>/notifications.jsonl`, one JSON object a line with the time it was written. */
export class LogNotifier implements Notifier {
  readonly #home: string;
  readonly #now: () => Date;

  constructor({ home, now = () => new Date() }: { home: string; now?: () => Date }) {
    this.#home = home;
    this.#now = now;
  }

  async notify(notification: Notification): Promise<void> {
    const path = join(this.#home, 'notifications.jsonl');
    try {
      await ensureFolder(this.#home);
      await appendFile(path, `${JSON.stringify({ at: this.#now().toISOString(), ...notification })}\n`);
    } catch (error) {
      throw fileError({ error, what: `writing ${path}` });
    }
  }
}
