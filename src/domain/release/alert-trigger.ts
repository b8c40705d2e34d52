import type { Trigger } from './kinds.js';

/** No plain object: whoever sends an alert names its kind, and may call it `constructor`. */
const triggersOfAlerts: ReadonlyMap<string, Trigger> = new Map([
  ['schedule', 'schedule'],
  ['drift', 'drift'],
  ['thumbsDown', 'feedback'],
]);

/** What an alert asks for a release as; null where it is only noted. The Schedule's asks however severe it is. */
export function alertTrigger({ kind, severity }: { kind: string; severity: string }): Trigger | null {
  if (kind !== 'schedule' && severity !== 'critical') return null;
  return triggersOfAlerts.get(kind) ?? 'alert';
}
