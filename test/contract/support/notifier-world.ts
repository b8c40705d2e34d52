import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Delivery } from '../../../src/activities/notification-channels-port.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { FanOutNotifier } from '../../../src/adapters/notifiers/fan-out.js';
import { readNotifierSettings, type NotifierSettings } from '../../../src/config/notifier-settings.js';
import { notifySchema, type NotifyRoute } from '../../../src/domain/spec/notify-spec.js';

export interface NotifierWorld {
  home: string;
  store: DirectoryStore;
  settings: NotifierSettings;
  /** What was put on its way instead of being sent at once. */
  posted: Delivery[];
  /** What stands in the log of this machine. */
  logged: () => Promise<Record<string, unknown>[]>;
  notifier: (input: { routes: unknown[]; now?: string }) => FanOutNotifier;
  remove: () => Promise<void>;
}

/** Channels over a folder of a test's own, with settings from `environment`. */
export async function notifierWorld(environment: Record<string, string> = {}): Promise<NotifierWorld> {
  const home = await mkdtemp(join(tmpdir(), 'understudy-notifiers-'));
  const store = new DirectoryStore({ root: join(home, 'store') });
  const settings = readNotifierSettings({ environment });
  const posted: Delivery[] = [];
  return {
    ...{ home, store, settings, posted },
    logged: async () =>
      (await readFile(join(home, 'notifications.jsonl'), 'utf8').catch(() => ''))
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    notifier: ({ routes, now }) => {
      const parsed: NotifyRoute[] = routes.map((route) => notifySchema.parse(route));
      return new FanOutNotifier({
        ...{ store, settings, home },
        routesOf: async () => parsed,
        post: async (delivery) => void posted.push(delivery),
        ...(now === undefined ? {} : { now: () => new Date(now) }),
      });
    },
    remove: () => rm(home, { recursive: true, force: true }),
  };
}
